/** A device with one passkey, for tests: it makes a key pair and signs what the hub asks for, as browsers do. */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';

type Flags = { verified?: boolean; counter?: number };
export type TestPasskey = {
  /** Answers `passkeys.begin`. */
  register(options: string): string;
  /** Answers a sign-in. `counter`: how often the device says that it was used. */
  answer(options: string, flags?: Flags): string;
};

export function testPasskey(origin: string): TestPasskey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const credentialId = randomBytes(16);
  const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest();

  /** A key in COSE: elliptic curve, ES256, P-256. */
  const coseKey = isoCBOR.encode(
    new Map<number, number | Uint8Array>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ]),
  );

  function deviceData({ verified = true, counter = 0 }: Flags, key?: Buffer): Buffer {
    const bits = 1 | (verified ? 4 : 0) | (key ? 64 : 0);
    const head = Buffer.alloc(5);
    head.writeUInt8(bits);
    head.writeUInt32BE(counter, 1);
    return Buffer.concat([sha256(new URL(origin).hostname), head, key ?? Buffer.alloc(0)]);
  }

  function clientData(type: string, options: string): Buffer {
    const { challenge } = JSON.parse(options) as { challenge: string };
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  }

  function answerOf(response: Record<string, unknown>): string {
    const id = credentialId.toString('base64url');
    return JSON.stringify({ id, rawId: id, type: 'public-key', clientExtensionResults: {}, response });
  }

  return {
    register(options) {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(credentialId.length);
      const key = Buffer.concat([Buffer.alloc(16), length, credentialId, coseKey]);
      const attestation = new Map<string, unknown>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', new Uint8Array(deviceData({}, key))],
      ]);
      return answerOf({
        clientDataJSON: clientData('webauthn.create', options).toString('base64url'),
        attestationObject: Buffer.from(isoCBOR.encode(attestation as never)).toString('base64url'),
        transports: ['internal'],
      });
    },
    answer(options, flags = {}) {
      const client = clientData('webauthn.get', options);
      const data = deviceData(flags);
      const signature = sign('sha256', Buffer.concat([data, sha256(client)]), privateKey);
      return answerOf({
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: signature.toString('base64url'),
      });
    },
  };
}
