// The Digital Credentials Consortium's libraries as a peer (see serve.mjs). Nothing is fetched: the first request hands in
// every context and schema, and whatever else somebody wants is refused.

import * as vc from '@digitalcredentials/vc';
import * as Ed25519Multikey from '@digitalcredentials/ed25519-multikey';
import {DataIntegrityProof} from '@digitalcredentials/data-integrity';
import {Ed25519Signature2020} from '@digitalcredentials/ed25519-signature-2020';
import {cryptosuite} from '@digitalcredentials/eddsa-rdfc-2022-cryptosuite';
import {securityLoader} from '@digitalcredentials/security-document-loader';
import {verifyCredential} from '@digitalcredentials/verifier-core';
import {serve} from './serve.mjs';

const SUITES = {
  'eddsa-rdfc-2022': options => new DataIntegrityProof({...options, cryptosuite}),
  Ed25519Signature2020: options => new Ed25519Signature2020(options)
};

// Standard output is for answers; what the verifier finds wrong is in its log as well.
console.log = console.error = () => {};

const documents = new Map();

globalThis.fetch = async request => {
  const url = String(request.url ?? request);
  if(!documents.has(url)) {
    throw new Error(`not handed in: ${url}`);
  }
  return Response.json(documents.get(url));
};

const loader = securityLoader();
const resolve = loader.build();
const documentLoader = async url => documents.has(url) ?
  {contextUrl: null, documentUrl: url, document: documents.get(url)} : resolve(url);

await serve({
  async contexts(request) {
    Object.entries(request.contexts).forEach(([url, document]) => documents.set(url, document));
    return async () => [...documents.keys()];
  },

  async issue({suite, key, created, document}) {
    const pair = await Ed25519Multikey.from({type: 'Multikey', '@context': 'https://w3id.org/security/multikey/v1', ...key});
    const signing = SUITES[suite]({signer: pair.signer(), date: created});
    return async () => vc.issue({credential: JSON.parse(document), suite: signing, documentLoader});
  },

  async verify({suite, document}) {
    return async () => {
      const {verified, error} = await vc.verifyCredential({
        credential: JSON.parse(document), suite: SUITES[suite]({}), documentLoader, verifyMatchingIssuers: false
      });
      if(!verified) {
        throw error;
      }
      return true;
    };
  },

  // The whole verifier: which of its steps are valid, or why it went no further.
  async judge({document}) {
    return async () => {
      const {log, errors, additionalInformation} = await verifyCredential({
        credential: JSON.parse(document), knownDIDRegistries: []
      });
      return {log, errors: errors?.map(({name, message}) => ({name, message})), schemas: additionalInformation};
    };
  }
});
