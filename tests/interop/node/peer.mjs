// Digital Bazaar's libraries as a peer (see serve.mjs). Nothing is fetched: the first request hands in every context.

import * as vc from '@digitalbazaar/vc';
import * as Bls12381Multikey from '@digitalbazaar/bls12-381-multikey';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as bbs2023 from '@digitalbazaar/bbs-2023-cryptosuite';
import * as ecdsaSd2023 from '@digitalbazaar/ecdsa-sd-2023-cryptosuite';
import {cryptosuite as ecdsaRdfc2019} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import {cryptosuite as eddsaRdfc2022} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {Ed25519Signature2020} from '@digitalbazaar/ed25519-signature-2020';
import jsonld from 'jsonld';
import {serve} from './serve.mjs';

const DID_V1 = 'https://www.w3.org/ns/did/v1';
const MULTIKEY_V1 = 'https://w3id.org/security/multikey/v1';
const ED25519_2020_V1 = 'https://w3id.org/security/suites/ed25519-2020/v1';
const LEGACY = 'Ed25519Signature2020';
const SELECTIVE = {'bbs-2023': bbs2023, 'ecdsa-sd-2023': ecdsaSd2023};

const contexts = new Map();

// A suite that signs or derives; `signer` is absent when it derives.
function signingSuite({suite, created, mandatoryPointers, selectivePointers}, signer) {
  if(suite === LEGACY) {
    return new Ed25519Signature2020({signer, date: created});
  }
  if(suite in SELECTIVE) {
    const cryptosuite = selectivePointers ?
      SELECTIVE[suite].createDiscloseCryptosuite({selectivePointers}) :
      SELECTIVE[suite].createSignCryptosuite({mandatoryPointers});
    return new DataIntegrityProof({signer, date: created, cryptosuite});
  }
  return new DataIntegrityProof({signer, date: created, cryptosuite: plainCryptosuite(suite)});
}

function verifyingSuite(suite) {
  if(suite === LEGACY) {
    return new Ed25519Signature2020();
  }
  const cryptosuite = SELECTIVE[suite]?.createVerifyCryptosuite() ?? plainCryptosuite(suite);
  return new DataIntegrityProof({cryptosuite});
}

function plainCryptosuite(suite) {
  const cryptosuite = {'eddsa-rdfc-2022': eddsaRdfc2022, 'ecdsa-rdfc-2019': ecdsaRdfc2019}[suite];
  if(!cryptosuite) {
    throw new Error(`unknown suite ${suite}`);
  }
  return cryptosuite;
}

// `key`: {id, controller, publicKeyMultibase, secretKeyMultibase}
async function signerOf(key) {
  const kinds = {z6Mk: Ed25519Multikey, zUC7: Bls12381Multikey};
  const keys = kinds[key.publicKeyMultibase.slice(0, 4)] ?? EcdsaMultikey;
  return (await keys.from({type: 'Multikey', '@context': MULTIKEY_V1, ...key})).signer();
}

function keyDocument(did, suite) {
  const publicKeyMultibase = did.slice('did:key:'.length);
  const id = `${did}#${publicKeyMultibase}`;
  const type = suite === LEGACY ? 'Ed25519VerificationKey2020' : 'Multikey';
  return {id, type, controller: did, publicKeyMultibase};
}

function loaderFor({suite, documents = {}}) {
  return async url => {
    const answer = document => ({contextUrl: null, documentUrl: url, document, tag: 'static'});
    if(contexts.has(url)) {
      return answer(contexts.get(url));
    }
    if(url in documents) {
      return answer(documents[url]);
    }
    if(url.startsWith('did:key:')) {
      const [did, fragment] = url.split('#');
      const method = keyDocument(did, suite);
      const context = suite === LEGACY ? ED25519_2020_V1 : MULTIKEY_V1;
      return answer(fragment ? {'@context': context, ...method} : {
        '@context': [DID_V1, context], id: did, verificationMethod: [method],
        assertionMethod: [method.id], authentication: [method.id]
      });
    }
    throw new Error(`not handed in: ${url}`);
  };
}

const OPERATIONS = {
  async contexts(request) {
    Object.entries(request.contexts).forEach(([url, document]) => contexts.set(url, document));
    return async () => [...contexts.keys()];
  },

  async canonize(request) {
    const documentLoader = loaderFor(request);
    const options = {algorithm: 'RDFC-1.0', format: 'application/n-quads', base: null, safe: true, documentLoader};
    return async () => jsonld.canonize(JSON.parse(request.document), options);
  },

  async issue(request) {
    const suite = signingSuite(request, await signerOf(request.key));
    const documentLoader = loaderFor(request);
    const now = request.now ?? new Date().toISOString();
    return async () => vc.issue({credential: JSON.parse(request.document), suite, documentLoader, now});
  },

  async verify(request) {
    const suite = verifyingSuite(request.suite);
    const documentLoader = loaderFor(request);
    const now = request.now ?? new Date().toISOString();
    const checkStatus = async () => ({verified: true});
    return async () => judged(await vc.verifyCredential({
      credential: JSON.parse(request.document), suite, documentLoader, now, checkStatus
    }));
  },

  async derive(request) {
    const suite = signingSuite(request);
    const documentLoader = loaderFor(request);
    return async () => vc.derive({verifiableCredential: JSON.parse(request.document), suite, documentLoader});
  },

  async present(request) {
    const suite = signingSuite(request, await signerOf(request.key));
    const {challenge, domain} = request;
    const documentLoader = loaderFor(request);
    return async () => vc.signPresentation({
      presentation: JSON.parse(request.document), suite, challenge, domain, documentLoader
    });
  },

  async verifyPresentation(request) {
    const suite = request.suites.map(verifyingSuite);
    const {challenge, domain} = request;
    const documentLoader = loaderFor(request);
    const now = request.now ?? new Date().toISOString();
    const checkStatus = async () => ({verified: true});
    return async () => judged(await vc.verify({
      presentation: JSON.parse(request.document), suite, challenge, domain, documentLoader, now, checkStatus
    }));
  }
};

function judged({verified, error}) {
  if(!verified) {
    throw error;
  }
  return true;
}

await serve(OPERATIONS);
