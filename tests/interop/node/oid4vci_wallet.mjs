// @openid4vc/openid4vci as a wallet that asks for records, and jose where messages are sealed (see serve.mjs).
//
// Whoever asks may spoil single steps: the nonce, the audience, the signature or the key of a proof.

import {createHash, createPrivateKey, randomBytes, sign} from 'node:crypto';
import {HashAlgorithm, clientAuthenticationAnonymous, clientAuthenticationNone} from '@openid4vc/oauth2';
import {CompactEncrypt, compactDecrypt, exportJWK, generateKeyPair, importJWK} from 'jose';
import {Openid4vciClient} from '@openid4vc/openid4vci';
import {serve} from './serve.mjs';

const HASHES = {[HashAlgorithm.Sha256]: 'sha256', [HashAlgorithm.Sha384]: 'sha384', [HashAlgorithm.Sha512]: 'sha512'};
const publicOf = ({d, ...jwk}) => jwk;
const algOf = jwk => jwk.crv === 'Ed25519' ? 'EdDSA' : 'ES256';
const encoded = value => Buffer.from(JSON.stringify(value)).toString('base64url');

function signed(jwk, {header, payload}, spoil) {
  const key = createPrivateKey({key: jwk, format: 'jwk'});
  const input = `${encoded(header)}.${encoded({...payload, ...(spoil.audience && {aud: spoil.audience})})}`;
  const options = jwk.crv === 'Ed25519' ? key : {key, dsaEncoding: 'ieee-p1363'};
  const signature = sign(jwk.crv === 'Ed25519' ? null : 'sha256', Buffer.from(input), options);
  if(spoil.signature) {
    signature[7] ^= 1;
  }
  return `${input}.${signature.toString('base64url')}`;
}

// keys: [{jwk, didUrl?}]: named by a DID where there is one, else as a JWK.
async function begin({offer, keys, clientId, otherKey, spoil = {}}) {
  const secrets = new Map(keys.map(({jwk, didUrl}) => [didUrl ?? jwk.x, spoil.key ? otherKey : jwk]));
  const callbacks = {
    fetch,
    hash: (data, alg) => createHash(HASHES[alg]).update(data).digest(),
    generateRandom: length => randomBytes(length),
    clientAuthentication: clientId ? clientAuthenticationNone({clientId}) : clientAuthenticationAnonymous(),
    signJwt: (signer, parts) => ({
      jwt: signed(secrets.get(signer.didUrl ?? signer.publicJwk.x), parts, spoil),
      signerJwk: signer.publicJwk ?? publicOf(keys[0].jwk)
    })
  };
  const client = new Openid4vciClient({callbacks});
  const credentialOffer = await client.resolveCredentialOffer(offer);
  const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer);
  return {client, credentialOffer, issuerMetadata, keys, spoil, clientId};
}

async function tokenOf({client, credentialOffer, issuerMetadata, clientId}, {grant, txCode, redirectUri}) {
  if(grant !== 'code') {
    return client.retrievePreAuthorizedCodeAccessTokenFromOffer({credentialOffer, issuerMetadata, txCode});
  }
  const {authorizationRequestUrl, pkce} = await client.initiateAuthorization({
    credentialOffer, issuerMetadata, clientId, redirectUri,
    scope: credentialOffer.credential_configuration_ids.join(' ')
  });
  const answer = await fetch(authorizationRequestUrl, {redirect: 'manual'});
  const response = client.parseAndVerifyAuthorizationResponseRedirectUrl({
    url: answer.headers.get('location'), authorizationServerMetadata: issuerMetadata.authorizationServers[0]});
  return client.retrieveAuthorizationCodeAccessTokenFromOffer({
    credentialOffer, issuerMetadata, authorizationCode: response.code, pkceCodeVerifier: pkce.codeVerifier, redirectUri});
}

async function proofsOf({client, issuerMetadata, keys, spoil, clientId}, configuration, grant) {
  const {c_nonce: nonce} = await client.requestNonce({issuerMetadata});
  return Promise.all(keys.map(async ({jwk, didUrl}) => (await client.createCredentialRequestJwtProof({
    issuerMetadata, credentialConfigurationId: configuration, nonce: spoil.nonce ?? nonce, issuedAt: new Date(),
    clientId: grant === 'code' ? clientId : undefined,
    signer: didUrl ? {method: 'did', didUrl, alg: algOf(jwk)} :
      {method: 'jwk', publicJwk: publicOf(jwk), alg: algOf(jwk)}
  })).jwt));
}

const issued = response => response.credentials.map(entry => entry.credential);

await serve({
  async metadata({issuer}) {
    const {client} = {client: new Openid4vciClient({callbacks: {fetch}})};
    return async () => (await client.resolveIssuerMetadata(issuer)).credentialIssuer;
  },

  async collect({configuration, grant, ...given}) {
    const state = await begin(given);
    const {client, issuerMetadata} = state;
    return async () => {
      const {accessTokenResponse: {access_token: accessToken}} = await tokenOf(state, {grant, ...given});
      const jwt = await proofsOf(state, configuration, grant);
      const {credentialResponse} = await client.retrieveCredentials({
        issuerMetadata, accessToken, credentialConfigurationId: configuration, proofs: {jwt}});
      if(credentialResponse.transaction_id) {
        return {accessToken, ...credentialResponse};
      }
      await client.sendNotification({issuerMetadata, accessToken, notification: {
        notificationId: credentialResponse.notification_id, event: 'credential_accepted'}});
      return {credentials: issued(credentialResponse)};
    };
  },

  async later({accessToken, transactionId, ...given}) {
    const {client, issuerMetadata} = await begin({keys: [], ...given});
    return async () => {
      const {deferredCredentialResponse: response} = await client.retrieveDeferredCredentials({
        issuerMetadata, accessToken, transactionId});
      return response.transaction_id ? response : {credentials: issued(response)};
    };
  },

  // The library seals nothing; jose does, by what the metadata say.
  async sealed({configuration, enc, spoil = {}, ...given}) {
    const state = await begin(given);
    const {issuerMetadata: {credentialIssuer: told}} = state;
    const {publicKey, privateKey} = await generateKeyPair('ECDH-ES', {crv: 'P-256', extractable: true});
    return async () => {
      const {accessTokenResponse: {access_token: token}} = await tokenOf(state, given);
      const [jwk] = told.credential_request_encryption.jwks.keys;
      const request = {
        credential_configuration_id: configuration, proofs: {jwt: await proofsOf(state, configuration)},
        credential_response_encryption: {jwk: {...await exportJWK(publicKey), kid: 'w', alg: 'ECDH-ES', use: 'enc'}, enc}
      };
      const recipient = spoil.recipient ? publicKey : await importJWK(jwk, 'ECDH-ES');
      const body = await new CompactEncrypt(Buffer.from(JSON.stringify(request)))
        .setProtectedHeader({alg: 'ECDH-ES', enc, kid: jwk.kid}).encrypt(recipient);
      const answer = await fetch(told.credential_endpoint, {
        method: 'POST', body, headers: {'content-type': 'application/jwt', authorization: `Bearer ${token}`}});
      const text = await answer.text();
      if(!answer.ok) {
        throw new Error(JSON.parse(text).error);
      }
      const {plaintext, protectedHeader} = await compactDecrypt(text, privateKey);
      return {header: protectedHeader, credentials: issued(JSON.parse(Buffer.from(plaintext).toString()))};
    };
  }
});
