// @openid4vc/oauth2 as a program at an Open Badges 3.0 API: from the service description to badges (see serve.mjs).

import {createHash, randomBytes} from 'node:crypto';
import {
  HashAlgorithm, Oauth2Client, clientAuthenticationClientSecretBasic, setGlobalConfig
} from '@openid4vc/oauth2';
import {serve} from './serve.mjs';

setGlobalConfig({allowInsecureUrls: true}); // the servers of the tests speak http on this machine

const HASHES = {[HashAlgorithm.Sha256]: 'sha256', [HashAlgorithm.Sha384]: 'sha384', [HashAlgorithm.Sha512]: 'sha512'};
const JSON_HEADERS = {'content-type': 'application/json'};

async function asJson(response) {
  if(!response.ok) {
    throw new Error(`${response.status} ${await response.text()}`);
  }
  return response.json();
}

// What the library needs to know of the server, as the service description says it.
function metadataOf(description, base) {
  const scheme = description.components.securitySchemes.OAuth2ACG;
  const {authorizationUrl, tokenUrl, scopes} = scheme.flows.authorizationCode;
  return {
    registration: scheme['x-imssf-registrationUrl'], scopes: Object.keys(scopes),
    metadata: {issuer: base, authorization_endpoint: authorizationUrl, token_endpoint: tokenUrl,
      code_challenge_methods_supported: ['S256'], token_endpoint_auth_methods_supported: ['client_secret_basic']}
  };
}

// The person's part: the page, filled in as it is shown.
async function answerPage(location, {login, code}) {
  const page = await fetch(location);
  const text = await page.text();
  const body = new URLSearchParams({csrf_token: /name="csrf_token" value="([^"]+)"/.exec(text)[1], login, code});
  for(const [, box] of text.matchAll(/name="allow" id="[^"]*" value="([^"]+)" checked/g)) {
    body.append('allow', box);
  }
  const cookie = page.headers.getSetCookie().map(each => each.split(';')[0]).join('; ');
  return fetch(location, {method: 'POST', body, redirect: 'manual', headers: {cookie, origin: new URL(location).origin}});
}

await serve({
  async read({base, registration, redirectUri, login, code, spoil = {}}) {
    return async () => {
      const description = await asJson(await fetch(`${base}/ims/ob/v3p0/discovery`));
      const {metadata, registration: address, scopes} = metadataOf(description, base);
      const registered = await asJson(await fetch(address, {
        method: 'POST', headers: JSON_HEADERS,
        body: JSON.stringify({...registration, redirect_uris: [redirectUri], scope: scopes.join(' ')})
      }));
      const clientSecret = spoil.secret ?? registered.client_secret;
      const client = new Oauth2Client({callbacks: {
        fetch, hash: (data, alg) => createHash(HASHES[alg]).update(data).digest(),
        generateRandom: length => randomBytes(length), signJwt: () => { throw new Error('not asked for'); },
        clientAuthentication: clientAuthenticationClientSecretBasic({clientId: registered.client_id, clientSecret})
      }});
      const {authorizationRequestUrl, pkce} = await client.createAuthorizationRequestUrl({
        authorizationServerMetadata: metadata, clientId: registered.client_id, redirectUri, scope: scopes.join(' '),
        state: 'a state of ours'
      });
      const asked = await fetch(authorizationRequestUrl, {redirect: 'manual'});
      const answer = await answerPage(new URL(asked.headers.get('location'), base).href, {login, code});
      const back = new URL(answer.headers.get('location') ?? 'missing:');
      const first = await client.retrieveAuthorizationCodeAccessToken({
        authorizationServerMetadata: metadata, authorizationCode: back.searchParams.get('code'), redirectUri,
        pkceCodeVerifier: spoil.verifier ?? pkce.codeVerifier
      });
      const second = await client.retrieveRefreshTokenAccessToken({
        authorizationServerMetadata: metadata, refreshToken: first.accessTokenResponse.refresh_token});
      const {access_token: token} = second.accessTokenResponse;
      const headers = {authorization: `Bearer ${token}`};
      const [server] = description.servers;
      const pages = [];
      for(let next = `${server.url}/credentials?limit=10`; next;) {
        const response = await fetch(next, {headers});
        pages.push(await asJson(response));
        next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link'))?.[1];
      }
      return {
        state: back.searchParams.get('state'), method: pkce.codeChallengeMethod,
        first: first.accessTokenResponse, second: second.accessTokenResponse,
        credentials: pages.flatMap(page => page.credential ?? []), pages: pages.length,
        profile: await asJson(await fetch(`${server.url}/profile`, {headers}))
      };
    };
  }
});
