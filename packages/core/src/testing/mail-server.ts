/** A real mail server on a free port, for tests. It parses mails as a mail program would. */
import type { AddressInfo } from 'node:net';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export type ReceivedMail = ParsedMail & { raw: string };

export type TestMailServer = {
  url: string;
  received: ReceivedMail[];
  /** Decides about a recipient address; null accepts it. */
  refuse: (address: string) => { code: number; words: string } | null;
  /** Called after a mail was received and before the server confirms it. */
  beforeAnswer: () => Promise<void>;
  close(): Promise<void>;
};

/** `port`: restarts the server on the port that it used before. */
export async function openMailServerForTest(port = 0): Promise<TestMailServer> {
  const received: ReceivedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo({ address }, _session, answer) {
      const refused = mailServer.refuse(address);
      answer(refused ? Object.assign(new Error(refused.words), { responseCode: refused.code }) : null);
    },
    onData(stream, _session, answer) {
      void take(stream).then(() => answer(), answer);
    },
  });
  async function take(stream: AsyncIterable<Buffer>): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const raw = Buffer.concat(chunks).toString();
    received.push({ ...(await simpleParser(raw)), raw });
    await mailServer.beforeAnswer();
  }
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.server.address() as AddressInfo;
  const mailServer: TestMailServer = {
    url: `smtp://127.0.0.1:${address.port}`,
    received,
    refuse: () => null,
    beforeAnswer: async () => {},
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return mailServer;
}
