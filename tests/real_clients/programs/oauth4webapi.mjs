// oauth4webapi, as its examples have it: a request and the reading of its answer are two steps.

import { answer } from './asking.mjs'
import * as oauth from 'oauth4webapi'

const INSECURE = { [oauth.allowInsecureRequests]: true }
const METHODS = {
  client_secret_basic: oauth.ClientSecretBasic,
  client_secret_post: oauth.ClientSecretPost,
  none: oauth.None,
}

async function discovered(errand) {
  const issuer = new URL(errand.issuer)
  const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...INSECURE })
  const as = await oauth.processDiscoveryResponse(issuer, response)
  return { as, client: { client_id: errand.client_id }, method: METHODS[errand.method](errand.client_secret) }
}

async function exchanged(errand, parameters, verifier) {
  const { as, client, method } = await discovered(errand)
  const state = oauth.generateRandomState()
  const url = new URL(as.authorization_endpoint)
  const { client_id, redirect_uri, scope } = errand
  url.search = new URLSearchParams({ client_id, redirect_uri, scope, state, response_type: 'code', ...parameters })
  const checked = oauth.validateAuthResponse(as, client, await errand.visit(url), state)
  const response = await oauth.authorizationCodeGrantRequest(
    as, client, method, checked, redirect_uri, verifier, INSECURE,
  )
  return oauth.processAuthorizationCodeResponse(as, client, response)
}

async function pkce(errand) {
  const verifier = oauth.generateRandomCodeVerifier()
  const challenge = await oauth.calculatePKCECodeChallenge(verifier)
  return exchanged(errand, { code_challenge: challenge, code_challenge_method: 'S256' }, verifier)
}

async function password(errand) {
  const { as, client, method } = await discovered(errand)
  const { username, password, scope } = errand
  const parameters = { username, password, scope }
  const response = await oauth.genericTokenEndpointRequest(as, client, method, 'password', parameters, INSECURE)
  return oauth.processGenericTokenEndpointResponse(as, client, response)
}

async function clientCredentials(errand) {
  const { as, client, method } = await discovered(errand)
  const response = await oauth.clientCredentialsGrantRequest(as, client, method, { scope: errand.scope }, INSECURE)
  return oauth.processClientCredentialsResponse(as, client, response)
}

async function refreshToken(errand) {
  const { as, client, method } = await discovered(errand)
  const response = await oauth.refreshTokenGrantRequest(as, client, method, errand.refresh_token, INSECURE)
  return oauth.processRefreshTokenResponse(as, client, response)
}

async function revocation(errand) {
  const { as, client, method } = await discovered(errand)
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(as, client, method, errand.access_token, INSECURE),
  )
  return {}
}

async function introspection(errand) {
  const { as, client, method } = await discovered(errand)
  const response = await oauth.introspectionRequest(as, client, method, errand.access_token, INSECURE)
  return oauth.processIntrospectionResponse(as, client, response)
}

await answer({
  authorization_code: (errand) => exchanged(errand, {}, oauth.nopkce),
  pkce,
  public: pkce,
  password,
  client_credentials: clientCredentials,
  refresh_token: refreshToken,
  revocation,
  introspection,
  metadata: async (errand) => (await discovered(errand)).as,
})
