// openid-client, as its examples have it.

import { answer } from './asking.mjs'
import * as client from 'openid-client'

const METHODS = {
  client_secret_basic: client.ClientSecretBasic,
  client_secret_post: client.ClientSecretPost,
  none: client.None,
}

function discovered(errand) {
  const method = METHODS[errand.method](errand.client_secret)
  const options = { algorithm: 'oauth2', execute: [client.allowInsecureRequests] }
  return client.discovery(new URL(errand.issuer), errand.client_id, undefined, method, options)
}

async function authorizationCode(errand) {
  const config = await discovered(errand)
  const state = client.randomState()
  const parameters = { redirect_uri: errand.redirect_uri, scope: errand.scope, state }
  const back = await errand.visit(client.buildAuthorizationUrl(config, parameters))
  return client.authorizationCodeGrant(config, back, { expectedState: state })
}

async function pkce(errand) {
  const config = await discovered(errand)
  const verifier = client.randomPKCECodeVerifier()
  const parameters = {
    redirect_uri: errand.redirect_uri,
    scope: errand.scope,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }
  if (!config.serverMetadata().supportsPKCE()) parameters.state = client.randomState()
  const back = await errand.visit(client.buildAuthorizationUrl(config, parameters))
  return client.authorizationCodeGrant(config, back, { pkceCodeVerifier: verifier, expectedState: parameters.state })
}

async function password(errand) {
  const { username, password, scope } = errand
  return client.genericGrantRequest(await discovered(errand), 'password', { username, password, scope })
}

await answer({
  authorization_code: authorizationCode,
  pkce,
  public: pkce,
  password,
  client_credentials: async (errand) =>
    client.clientCredentialsGrant(await discovered(errand), { scope: errand.scope }),
  refresh_token: async (errand) => client.refreshTokenGrant(await discovered(errand), errand.refresh_token),
  revocation: async (errand) => {
    await client.tokenRevocation(await discovered(errand), errand.access_token)
    return {}
  },
  introspection: async (errand) => client.tokenIntrospection(await discovered(errand), errand.access_token),
  metadata: async (errand) => (await discovered(errand)).serverMetadata(),
})
