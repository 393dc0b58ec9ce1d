const BEARER = /^Bearer +([A-Za-z0-9._~+\/-]+=*)$/i

// Lets a request through if the provider says that its token is active; trouble there is never a yes.
async function admit(r) {
    const found = BEARER.exec(r.headersIn.Authorization || '')
    if (!found) {
        return refuse(r, 'Bearer')
    }
    const body = r.variables.own + '&token=' + encodeURIComponent(found[1])
    const answer = await r.subrequest('/introspection', { method: 'POST', body })
    if (answer.status !== 200) {
        return r.return(500)
    }
    return JSON.parse(answer.responseText).active === true ? r.return(204) : refuse(r, 'Bearer error="invalid_token"')
}

function refuse(r, challenge) {
    r.headersOut['WWW-Authenticate'] = challenge
    r.return(401)
}

export default { admit }
