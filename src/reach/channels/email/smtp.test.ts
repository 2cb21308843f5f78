import { createServer, type Server, type Socket } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import type { SendOutcome } from '../channel.ts';
import type { RawMail } from './mime.ts';
import { startMailSink, type SunkMail } from './sink.ts';
import { smtpChannel } from './smtp.ts';
import { retryAfterSeconds } from './smtp-outcome.ts';
import { parseSmtpUrl, staysHere } from './smtp-url.ts';

const mail = (bytes = 200): RawMail => ({
  messageId: 'msg_01arz3ndektsv4rrffq69g5fav',
  envelopeFrom: 'b@example.com',
  envelopeTo: 'mia@example.net',
  raw: Buffer.from(`From: a@example.com\r\nSubject: x\r\n\r\n${'word word word\r\n'.repeat(Math.ceil(bytes / 16))}`),
});

type Step = 'greeting' | 'EHLO' | 'MAIL' | 'RCPT' | 'DATA' | 'body' | 'dot' | 'half-answer';
type Behaviour = {
  readonly dropAt?: Step;
  readonly answer?: Partial<Record<'greeting' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'dot', string>>;
  readonly pipelining?: boolean;
  readonly silentAt?: Step;
};

let server: Server | undefined;
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

/** A server written from RFC 5321 that breaks off where it is told; `dots` counts the messages whose end it saw. */
async function fakeServer(behaviour: Behaviour): Promise<{ url: string; seen: { dots: number; connections: number } }> {
  const seen = { dots: 0, connections: 0 };
  server = createServer((socket) => {
    sockets.add(socket);
    seen.connections++;
    socket.on('error', () => {});
    const at = (step: Step): boolean => {
      if (behaviour.dropAt === step) socket.destroy();
      return behaviour.dropAt === step || behaviour.silentAt === step;
    };
    if (at('greeting')) return;
    socket.write(behaviour.answer?.greeting ?? '220 fake ESMTP\r\n');
    let inBody = false;
    let rest = '';
    socket.on('data', (chunk) => {
      rest += chunk.toString('latin1');
      while (!socket.destroyed) {
        if (inBody) {
          if (behaviour.dropAt === 'body') return void socket.destroy();
          const end = rest.indexOf('\r\n.\r\n');
          if (end === -1) {
            rest = rest.slice(-4);
            return;
          }
          rest = rest.slice(end + 5);
          inBody = false;
          seen.dots++;
          if (behaviour.dropAt === 'half-answer') {
            socket.write('250 2.0.0 O', () => socket.destroy());
            return;
          }
          if (at('dot')) return;
          socket.write(behaviour.answer?.dot ?? '250 2.0.0 Ok: queued as ABC123\r\n');
          continue;
        }
        const end = rest.indexOf('\r\n');
        if (end === -1) return;
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        const verb = line.slice(0, 4).toUpperCase();
        if (verb === 'EHLO' || verb === 'MAIL' || verb === 'RCPT' || verb === 'DATA') {
          if (at(verb)) return;
          if (verb === 'EHLO') socket.write(behaviour.pipelining ? '250-fake\r\n250 PIPELINING\r\n' : '250 fake\r\n');
          else if (verb === 'DATA') {
            const answer =
              behaviour.answer?.DATA ??
              (behaviour.answer?.RCPT || behaviour.answer?.MAIL ? '503 no recipients\r\n' : '354 go on\r\n');
            inBody = answer.startsWith('354');
            socket.write(answer);
          } else socket.write(behaviour.answer?.[verb] ?? '250 ok\r\n');
        } else if (verb === 'AUTH') socket.write(behaviour.answer?.AUTH ?? '235 welcome\r\n');
        else if (verb === 'QUIT') socket.end('221 bye\r\n');
        else socket.write('250 ok\r\n');
      }
    });
  });
  const port = await new Promise<number>((resolve) => {
    server!.listen(0, '127.0.0.1', () => {
      const address = server!.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
  return { url: `smtp://127.0.0.1:${port}?tls=off&timeout=20`, seen };
}

async function sendOnce(behaviour: Behaviour, bytes?: number): Promise<{ outcome: SendOutcome; dots: number }> {
  const { url, seen } = await fakeServer(behaviour);
  const channel = smtpChannel(url);
  const outcome = await channel.send(mail(bytes));
  await channel.close();
  return { outcome, dots: seen.dots };
}

describe('a connection that breaks', () => {
  for (const pipelining of [false, true]) {
    const how = pipelining ? 'with pipelining' : 'command by command';
    it.each<Step>(['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA'])(
      `at %s (${how}) has certainly not sent`,
      async (dropAt) => {
        const { outcome, dots } = await sendOnce({ dropAt, pipelining });
        expect(outcome.kind).toBe('unavailable');
        expect(dots).toBe(0);
      },
    );

    it(`inside a long body (${how}) has certainly not sent`, async () => {
      const { outcome, dots } = await sendOnce({ dropAt: 'body', pipelining }, 40_000_000);
      expect(outcome.kind).toBe('unavailable');
      expect(dots).toBe(0);
    });

    it.each<Step>(['dot', 'half-answer'])(`after the %s (${how}) leaves the fate unknown`, async (dropAt) => {
      const { outcome, dots } = await sendOnce({ dropAt, pipelining });
      expect(outcome.kind).toBe('unknown');
      expect(dots).toBe(1);
    });
  }

  it('inside a body so short that its end may be on the wire leaves the fate unknown', async () => {
    const { outcome } = await sendOnce({ dropAt: 'body' }, 10);
    expect(outcome.kind).toBe('unknown');
  });

  it('because nobody listens has certainly not sent, and verify says so', async () => {
    const { url } = await fakeServer({});
    await new Promise((resolve) => server!.close(resolve));
    server = undefined;
    const channel = smtpChannel(url);
    expect((await channel.send(mail())).kind).toBe('unavailable');
    await expect(channel.verify?.()).rejects.toMatchObject({ code: 'mail_server_down' });
    await channel.close();
  });

  it('while parked is replaced, and the message goes out once', async () => {
    const { url, seen } = await fakeServer({});
    const channel = smtpChannel(`${url}&pool=1`);
    expect((await channel.send(mail())).kind).toBe('sent');
    for (const socket of sockets) socket.destroy();
    expect((await channel.send(mail())).kind).toBe('sent');
    expect(seen).toEqual({ dots: 2, connections: 2 });
    await channel.close();
  });
});

describe('an answer decides', () => {
  it.each<[string, Behaviour, Partial<SendOutcome>]>([
    ['accepted', {}, { kind: 'sent', providerId: 'ABC123', response: '250 2.0.0 Ok: queued as ABC123' }],
    [
      'unknown user',
      { answer: { RCPT: '550 5.1.1 no such user\r\n' } },
      { kind: 'rejected', class: 'address', permanent: true, code: '5.1.1' },
    ],
    [
      'mailbox full',
      { answer: { RCPT: '552 5.2.2 over quota\r\n' } },
      { kind: 'rejected', class: 'mailbox', permanent: false, code: '5.2.2' },
    ],
    [
      'greylisted',
      { answer: { RCPT: '450 4.2.0 greylisted, try again in 300 seconds\r\n' } },
      { kind: 'deferred', code: '4.2.0', retryAfterSeconds: 300 },
    ],
    [
      'sender refused',
      { answer: { MAIL: '550 you are not welcome\r\n' } },
      { kind: 'rejected', class: 'sender', permanent: true, code: '550' },
    ],
    ['DATA deferred', { answer: { DATA: '451 later\r\n' } }, { kind: 'deferred', code: '451' }],
    [
      'Outlook wants authentication',
      {
        answer: {
          dot: '550 5.7.515 Access denied, sending domain does not meet the required authentication level\r\n',
        },
      },
      { kind: 'rejected', class: 'sender', permanent: true, code: '5.7.515' },
    ],
    [
      'content refused',
      { answer: { dot: '554 5.6.0 malformed\r\n' } },
      { kind: 'rejected', class: 'content', permanent: true, code: '5.6.0' },
    ],
    [
      'deferred after the dot',
      { answer: { dot: '451 4.7.1 try again after 5 minutes\r\n' } },
      { kind: 'deferred', code: '4.7.1', retryAfterSeconds: 300 },
    ],
    ['421 after the dot', { answer: { dot: '421 4.3.2 shutting down\r\n' } }, { kind: 'deferred', code: '4.3.2' }],
    ['421 greeting', { answer: { greeting: '421 too busy\r\n' } }, { kind: 'deferred', code: '421' }],
    ['554 greeting', { answer: { greeting: '554 no service\r\n' } }, { kind: 'unavailable' }],
    ['nonsense after the dot', { answer: { dot: 'what?\r\n' } }, { kind: 'unknown' }],
  ])('%s', async (_title, behaviour, expected) => {
    for (const pipelining of [false, true]) {
      const { outcome } = await sendOnce({ ...behaviour, pipelining });
      expect(outcome).toMatchObject(expected);
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server!.close(resolve));
      server = undefined;
    }
  });

  it('keeps the connection after a refusal', async () => {
    const { url, seen } = await fakeServer({ answer: { RCPT: '550 5.1.1 no\r\n' }, pipelining: true });
    const channel = smtpChannel(`${url}&pool=1`);
    for (let i = 0; i < 3; i++) expect((await channel.send(mail())).kind).toBe('rejected');
    expect(seen.connections).toBe(1);
    await channel.close();
  });
});

describe('aborting', () => {
  it.each<[Step, SendOutcome['kind']]>([
    ['MAIL', 'unavailable'],
    ['DATA', 'unavailable'],
    ['dot', 'unknown'],
  ])('while the server keeps silent at %s is %s', async (silentAt, kind) => {
    const { url } = await fakeServer({ silentAt });
    const channel = smtpChannel(url);
    const controller = new AbortController();
    const sending = channel.send(mail(), controller.signal);
    setTimeout(() => controller.abort(), 150);
    expect((await sending).kind).toBe(kind);
    await channel.close();
  });
});

describe('the gate before the last byte', () => {
  it('takes a message back, on a fresh and on a parked connection, and is asked once for each', async () => {
    const { url, seen } = await fakeServer({});
    const channel = smtpChannel(url);
    let asked = 0;
    const no = (): Promise<boolean> => Promise.resolve(++asked < 0);
    expect((await channel.send(mail(), undefined, no)).kind).toBe('unavailable');
    expect((await channel.send(mail(), undefined, () => Promise.resolve(true))).kind).toBe('sent');
    expect((await channel.send(mail(), undefined, no)).kind).toBe('unavailable');
    expect((await channel.send(mail(), undefined, () => Promise.reject(new Error('disk full')))).kind).toBe(
      'unavailable',
    );
    expect(asked).toBe(2);
    expect(seen.dots).toBe(1);
    await channel.close();
  });
});

describe('what concerns the connection, not the message', () => {
  it('a wrong password is the account’s, and no message’s', async () => {
    const { url, seen } = await fakeServer({ answer: { AUTH: '535 5.7.8 wrong password\r\n' } });
    const channel = smtpChannel(url.replace('smtp://', 'smtp://user:secret-word@'));
    const outcome = await channel.send(mail());
    expect(outcome).toMatchObject({ kind: 'rejected', class: 'account', code: '535' });
    expect(JSON.stringify(outcome)).not.toContain('secret-word');
    expect(seen.dots).toBe(0);
    await expect(channel.verify?.()).rejects.toMatchObject({ code: 'mail_server_down' });
    await expect(channel.verify?.()).rejects.not.toThrow(/secret-word/);
    await channel.close();
  });

  it('a certificate that nobody vouches for stops everything before the message', async () => {
    const arrived: string[] = [];
    const tlsServer = new SMTPServer({
      authOptional: true,
      logger: false,
      onData: (stream, _session, done) => {
        stream.resume();
        stream.once('end', () => {
          arrived.push('mail');
          done();
        });
      },
    });
    tlsServer.on('error', () => {});
    await new Promise<void>((resolve) => tlsServer.listen(0, '127.0.0.1', () => resolve()));
    const address = tlsServer.server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    for (const tls of ['require', 'offer']) {
      const channel = smtpChannel(`smtp://127.0.0.1:${port}?tls=${tls}`);
      expect((await channel.send(mail())).kind).toBe('unavailable');
      await channel.close();
    }
    expect(arrived).toEqual([]);
    await new Promise<void>((resolve) => tlsServer.close(() => resolve()));
  });
});

describe('the pool and the sink', () => {
  it('sends many at once, each exactly once, and renews connections', async () => {
    const arrived: SunkMail[] = [];
    const sink = await startMailSink({
      onMail: (sunk) => void arrived.push(sunk),
      refuse: (to) => (to.startsWith('gone') ? { code: 550, text: '5.1.1 no such user' } : undefined),
    });
    const channel = smtpChannel(`${sink.url}?pool=4&max_messages=7`);
    await channel.verify?.();
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        channel.send({ ...mail(), envelopeTo: `${i % 10 === 0 ? 'gone' : 'p'}${i}@example.net` }),
      ),
    );
    expect(outcomes.filter((outcome) => outcome.kind === 'sent')).toHaveLength(54);
    expect(outcomes.filter((outcome) => outcome.kind === 'rejected')).toHaveLength(6);
    expect(new Set(arrived.map((sunk) => sunk.envelopeTo[0])).size).toBe(54);
    expect(arrived).toHaveLength(54);
    await channel.close();
    expect((await channel.send(mail())).kind).toBe('unavailable');
    await sink.close();
  });

  it('passes dots at line starts unharmed', async () => {
    const arrived: SunkMail[] = [];
    const sink = await startMailSink({ onMail: (sunk) => void arrived.push(sunk) });
    const channel = smtpChannel(sink.url);
    const raw = Buffer.from('Subject: x\r\n\r\n.\r\n..two\r\n.x\r\n');
    await channel.send({ ...mail(), raw });
    await channel.close();
    await sink.close();
    expect(arrived[0]?.raw.toString()).toBe(raw.toString());
  });

  it('reports a sink whose receiver fails as deferred', async () => {
    const sink = await startMailSink({ onMail: () => Promise.reject(new Error('disk full')) });
    const channel = smtpChannel(sink.url);
    expect(await channel.send(mail())).toMatchObject({ kind: 'deferred', code: '4.3.0' });
    await channel.close();
    await sink.close();
  });
});

describe('the mail server URL', () => {
  it('is read', () => {
    expect(
      parseSmtpUrl('smtp://me%40x:p%2Fw@mail.example.com:2525?pool=8&max_messages=9&name=shop.example.com'),
    ).toEqual({
      host: 'mail.example.com',
      port: 2525,
      auth: { user: 'me@x', pass: 'p/w' },
      tls: 'require',
      pool: 8,
      maxMessages: 9,
      name: 'shop.example.com',
      timeoutSeconds: 300,
    });
    expect(parseSmtpUrl('smtps://mail.example.com')).toMatchObject({ port: 465, tls: 'implicit' });
    expect(parseSmtpUrl('smtp://localhost')).toMatchObject({ port: 587, tls: 'offer', pool: 5 });
  });

  it.each(['', 'http://x', 'smtp://h?pool=0', 'smtp://h?pools=3', 'smtp://h?tls=maybe', 'smtps://h?tls=off'])(
    'refuses %s',
    (url) => {
      expect(() => parseSmtpUrl(url)).toThrow(expect.objectContaining({ code: 'invalid' }));
    },
  );

  it.each([
    // What catches mail during development, and what passes it on to the world.
    ['smtp://127.0.0.1:1025', true],
    ['smtp://[::1]:2525', true],
    ['smtp://localhost:25', false],
    ['smtp://127.0.0.1', false],
    ['smtps://localhost', false],
    ['smtp://mail.example.com:1025', false],
  ])('%s: mail stays here %s', (url, expected) => {
    expect(staysHere(parseSmtpUrl(url))).toBe(expected);
  });

  it('never repeats the password', () => {
    expect(() => parseSmtpUrl('smtp://u:secret-word@h?pool=x')).not.toThrow(/secret-word/);
  });
});

it('reads how long to wait', () => {
  expect(retryAfterSeconds('retry after 5 minutes')).toBe(300);
  expect(retryAfterSeconds('please come back in 1 hour')).toBe(3600);
  expect(retryAfterSeconds('later')).toBeUndefined();
});
