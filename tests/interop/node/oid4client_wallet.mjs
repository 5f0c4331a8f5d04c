// @digitalbazaar/oid4-client as a wallet, over TLS: the request it makes when it is left to find the version out, and
// draft 13 where it is told so (see serve.mjs).

import {createPrivateKey, sign} from 'node:crypto';
import {OID4Client, getCredentialOffer} from '@digitalbazaar/oid4-client';
import {serve} from './serve.mjs';

function signerOf({jwk, didUrl}, spoil) {
  const key = createPrivateKey({key: jwk, format: 'jwk'});
  return {
    id: didUrl, algorithm: jwk.crv,
    async sign({data}) {
      const options = jwk.crv === 'Ed25519' ? key : {key, dsaEncoding: 'ieee-p1363'};
      const signature = sign(jwk.crv === 'Ed25519' ? null : 'sha256', data, options);
      if(spoil.signature) {
        signature[7] ^= 1;
      }
      return new Uint8Array(signature);
    }
  };
}

await serve({
  async collect({offer: url, key, did, format = 'ldp_vc', version = 'detect', spoil = {}}) {
    const offer = await getCredentialOffer({url});
    return async () => {
      const client = await OID4Client.fromCredentialOffer({
        offer, supportedFormats: [format], oid4vciVersion: version});
      const {nonce} = spoil.nonce ? spoil : {};
      const result = await client.requestCredentials({
        did: spoil.did ?? did, didProofSigner: signerOf(key, spoil), format, ...(nonce && {nonce})});
      return {credential: result.credential, credentials: result.credentials.map(each => each.credential ?? each)};
    };
  }
});
