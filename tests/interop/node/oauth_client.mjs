// @openid4vc/oauth2 and @openid4vc/openid4vci as a wallet on its way to an access token and a record (see serve.mjs).
//
// Whoever asks may spoil single steps: another verifier, key, address, issuer, or the code a second time.

import {createHash, createPrivateKey, randomBytes, sign} from 'node:crypto';
import {
  HashAlgorithm, clientAuthenticationClientAttestationJwt, clientAuthenticationNone, createClientAttestationJwt,
  setGlobalConfig
} from '@openid4vc/oauth2';
import {Openid4vciClient} from '@openid4vc/openid4vci';
import {serve} from './serve.mjs';

setGlobalConfig({allowInsecureUrls: true}); // the servers of the tests speak http on this machine

const HASHES = {[HashAlgorithm.Sha256]: 'sha256', [HashAlgorithm.Sha384]: 'sha384', [HashAlgorithm.Sha512]: 'sha512'};
const publicOf = ({d, ...jwk}) => jwk;
const signerOf = jwk => ({method: 'jwk', alg: 'ES256', publicJwk: publicOf(jwk)});
const encoded = value => Buffer.from(JSON.stringify(value)).toString('base64url');

function callbacksOf({keys, clientId, attester, chain}) {
  const byThumb = new Map(keys.map(jwk => [jwk.x, createPrivateKey({key: jwk, format: 'jwk'})]));
  const vouching = chain ? {method: 'x5c', alg: 'ES256', x5c: chain} : attester && {...signerOf(attester), kid: 'attester'};
  const callbacks = {
    fetch,
    hash: (data, alg) => createHash(HASHES[alg]).update(data).digest(),
    generateRandom: length => randomBytes(length),
    clientAuthentication: clientAuthenticationNone({clientId}),
    verifyJwt: () => ({verified: false}),
    signJwt: (signer, {header, payload}) => {
      const input = `${encoded(header)}.${encoded(payload)}`;
      const jwk = signer.method === 'x5c' ? publicOf(attester) : signer.publicJwk;
      const key = {key: byThumb.get(jwk.x), dsaEncoding: 'ieee-p1363'};
      return {jwt: `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`, signerJwk: jwk};
    }
  };
  return {callbacks, attest: async ({forClient, instance}) => {
    const clientAttestationJwt = await createClientAttestationJwt({
      callbacks, clientId: forClient, issuer: 'https://attester.example', confirmation: {jwk: publicOf(instance)},
      expiresAt: new Date(Date.now() + 3600_000), signer: vouching
    });
    callbacks.clientAuthentication = clientAuthenticationClientAttestationJwt({callbacks, clientAttestationJwt});
  }};
}

async function begin({offer, clientId = 'wallet', key, otherKey, attester, chain, instance, forClient}) {
  const keys = [key, otherKey, attester, instance].filter(Boolean);
  const {callbacks, attest} = callbacksOf({keys, clientId, attester, chain});
  if(attester) {
    await attest({forClient: forClient ?? clientId, instance});
  }
  const client = new Openid4vciClient({callbacks});
  const credentialOffer = await client.resolveCredentialOffer(offer);
  const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer);
  return {client, credentialOffer, issuerMetadata};
}

// Asks for one record with the token, as the library does it: nonce, proof, request, each with DPoP if there is a key.
async function collect({client, issuerMetadata}, {accessToken, dpop, configuration, key}) {
  const {c_nonce: nonce} = await client.requestNonce({issuerMetadata});
  const {jwt} = await client.createCredentialRequestJwtProof({
    issuerMetadata, credentialConfigurationId: configuration, nonce, issuedAt: new Date(), signer: signerOf(key)
  });
  const {credentialResponse} = await client.retrieveCredentials({
    issuerMetadata, accessToken, credentialConfigurationId: configuration, proofs: {jwt: [jwt]}, dpop
  });
  return credentialResponse.credentials.map(({credential}) => credential);
}

// The person's part: the page that asks for a code, filled in.
async function answerPage(location, txCode) {
  const page = await fetch(location);
  const token = /name="csrf_token" value="([^"]+)"/.exec(await page.text())[1];
  const cookie = page.headers.getSetCookie().map(each => each.split(';')[0]).join('; ');
  const body = new URLSearchParams({csrf_token: token, code: txCode});
  return fetch(location, {method: 'POST', body, redirect: 'manual', headers: {cookie, origin: new URL(location).origin}});
}

await serve({
  async preAuthorized({txCode, dpop: wantsDpop, configuration, spoil = {}, ...given}) {
    const state = await begin(given);
    const {client, credentialOffer, issuerMetadata} = state;
    return async () => {
      const {accessTokenResponse, dpop} = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({
        credentialOffer, issuerMetadata, txCode, additionalRequestPayload: spoil.payload,
        dpop: wantsDpop ? {signer: signerOf(given.key)} : undefined
      });
      const used = spoil.resourceKey ? {...dpop, signer: signerOf(given.otherKey)} : spoil.bearer ? undefined : dpop;
      const credentials = await collect(state, {
        accessToken: accessTokenResponse.access_token, dpop: used, configuration, key: given.key});
      return {token: accessTokenResponse, credentials};
    };
  },

  async byCode({txCode, dpop: wantsDpop, configuration, redirectUri, spoil = {}, ...given}) {
    const state = await begin(given);
    const {client, credentialOffer, issuerMetadata} = state;
    const [authorizationServerMetadata] = issuerMetadata.authorizationServers;
    return async () => {
      const {authorizationRequestUrl, pkce, dpop} = await client.initiateAuthorization({
        credentialOffer, issuerMetadata, clientId: given.clientId ?? 'wallet', redirectUri, scope: configuration,
        dpop: wantsDpop ? {signer: signerOf(given.key)} : undefined
      });
      let answer = await fetch(authorizationRequestUrl, {redirect: 'manual'});
      if(txCode) {
        answer = await answerPage(new URL(answer.headers.get('location'), authorizationRequestUrl).href, txCode);
      }
      const url = new URL(answer.headers.get('location') ?? 'missing:');
      if(spoil.iss) {
        url.searchParams.set('iss', spoil.iss);
      }
      const response = client.parseAndVerifyAuthorizationResponseRedirectUrl({
        url: url.href, authorizationServerMetadata});
      if(response.error) {
        throw new Error(response.error);
      }
      const redeem = changes => client.retrieveAuthorizationCodeAccessTokenFromOffer({
        credentialOffer, issuerMetadata, authorizationCode: response.code, pkceCodeVerifier: pkce.codeVerifier,
        redirectUri, dpop, ...changes
      });
      const {accessTokenResponse, dpop: next} = await redeem({
        ...(spoil.verifier && {pkceCodeVerifier: spoil.verifier}), ...(spoil.redirectUri && {redirectUri: spoil.redirectUri}),
        ...(spoil.tokenKey && {dpop: {...dpop, signer: signerOf(given.otherKey)}}), ...(spoil.noKey && {dpop: undefined})
      });
      if(spoil.again) {
        const second = await redeem({dpop: next}).then(() => 'a second token', error => error.errorResponse?.error);
        const alive = await collect(state, {accessToken: accessTokenResponse.access_token, dpop: next, configuration,
          key: given.key}).then(() => 'alive', () => 'dead');
        return {second, first: alive};
      }
      const used = spoil.resourceKey ? {...next, signer: signerOf(given.otherKey)} : spoil.bearer ? undefined : next;
      const credentials = await collect(state, {
        accessToken: accessTokenResponse.access_token, dpop: used, configuration, key: given.key});
      return {token: accessTokenResponse, credentials, pushed: authorizationRequestUrl,
        pkce: pkce.codeChallengeMethod};
    };
  }
});
