/** Login by token (OAUTHBEARER, RFC 7628), our own: kafkajs takes a broker's refusal for a welcome, and fails later without a reason. */

interface Handshake {
  readonly host: string;
  readonly port: number;
  saslAuthenticate(exchange: {
    readonly request: { encode(): Promise<Buffer> };
    readonly response: { decode(bytes: Buffer): Promise<Buffer>; parse(bytes: Buffer): Promise<Buffer> };
  }): Promise<Buffer>;
}

/** What kafkajs calls for each new connection. The token's bytes go to the broker and nowhere else. */
export const tokenLogin = (token: () => Promise<string>) => (handshake: Handshake) => ({
  async authenticate(): Promise<void> {
    const answer = await handshake.saslAuthenticate({
      request: { encode: async () => withLength(`n,,\x01auth=Bearer ${await token()}\x01\x01`) },
      response: { decode: async (bytes) => bytes, parse: async (bytes) => bytes },
    });
    // A welcome is empty; a refusal says why, in JSON.
    if (answer.length > 4 && answer.readInt32BE(0) > 0) throw refused(`${handshake.host}:${handshake.port}`, answer.toString('utf8', 4));
  },
});

function withLength(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

const refused = (broker: string, reason: string): Error =>
  Object.assign(new Error(`SASL OAUTHBEARER authentication failed: ${broker} says ${reason.slice(0, 300)}`), {
    name: 'KafkaJSSASLAuthenticationError',
    retriable: false,
  });
