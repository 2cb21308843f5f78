// A message announced behind the one before it on the same connection: what may go wrong between the two, and what becomes of either.
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { HandOverGate } from '../channel.ts';
import type { RawMail } from './mime.ts';
import { smtpChannel } from './smtp.ts';

const mailTo = (name: string, bytes = 200): RawMail => ({
  messageId: `msg_${name}`,
  envelopeFrom: 'b@example.com',
  envelopeTo: `${name}@example.net`,
  raw: Buffer.from(`Subject: ${name}\r\n\r\n${'word word word\r\n'.repeat(Math.ceil(bytes / 16))}`),
});

/** What the server says to a step of the message to `name`; 'drop' hangs up, a promise is waited for. */
type Answer = (
  step: 'MAIL' | 'RCPT' | 'DATA' | 'dot',
  name: string,
) => string | undefined | Promise<string | undefined>;

let server: Server | undefined;
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

type Seen = {
  connections: number;
  /** Names of the messages whose end it saw, in order. */
  readonly ended: string[];
  /** Names whose envelope lay behind the end of another message before that was answered. */
  readonly announced: string[];
};

/** Announces PIPELINING unless told otherwise, works off what it hears in order, and takes everything unless `answer` knows better. */
async function listening(answer: Answer = () => undefined, offers = '250-fake\r\n250 PIPELINING\r\n') {
  const seen: Seen = { connections: 0, ended: [], announced: [] };
  server = createServer((socket) => {
    sockets.add(socket);
    seen.connections++;
    socket.on('error', () => {});
    socket.write('220 fake ESMTP\r\n');
    let rest = '';
    let inBody = false;
    let hasRecipient = false;
    let name = '';
    let working = Promise.resolve();
    const say = async (step: 'MAIL' | 'RCPT' | 'DATA' | 'dot', usual: string): Promise<string> => {
      const text = (await answer(step, name)) ?? usual;
      if (text === 'drop') socket.destroy();
      else if (!socket.destroyed) socket.write(`${text}\r\n`);
      return text;
    };
    const work = async (): Promise<void> => {
      while (!socket.destroyed) {
        const mark = !inBody ? '\r\n' : rest.startsWith('.\r\n') ? '.\r\n' : '\r\n.\r\n';
        const end = rest.indexOf(mark);
        if (end === -1) return;
        const text = rest.slice(0, end);
        rest = rest.slice(end + mark.length);
        if (inBody) {
          inBody = false;
          if (!hasRecipient) {
            socket.write('554 no valid recipients\r\n');
            continue;
          }
          seen.ended.push(name);
          const behind = /^RCPT TO:<(\w+)@/m.exec(rest)?.[1];
          if (behind !== undefined) seen.announced.push(behind);
          await say('dot', '250 2.0.0 Ok');
        } else if (text.startsWith('EHLO')) socket.write(offers);
        else if (text.startsWith('MAIL')) {
          name = /^RCPT TO:<(\w+)@/m.exec(rest)?.[1] ?? '?';
          await say('MAIL', '250 ok');
        } else if (text.startsWith('RCPT')) {
          name = /<(\w+)@/.exec(text)![1]!;
          hasRecipient = (await say('RCPT', '250 ok')).startsWith('250');
        } else if (text === 'DATA') inBody = (await say('DATA', '354 go on')).startsWith('354');
        else if (text === 'QUIT') socket.end('221 bye\r\n');
        else socket.write('250 ok\r\n');
      }
    };
    socket.on('data', (chunk) => {
      rest += chunk.toString('latin1');
      working = working.then(work);
    });
  });
  const port = await new Promise<number>((resolve) => {
    server!.listen(0, '127.0.0.1', () => {
      const address = server!.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
  const open = (pool: number, more = '') =>
    smtpChannel(`smtp://127.0.0.1:${port}?tls=off&timeout=20&pool=${pool}${more}`);
  return { seen, open };
}

describe('a message announced behind another one', () => {
  it('goes out in order, each once, and its own gate is asked only when the one before is answered', async () => {
    const log: string[] = [];
    const { seen, open } = await listening((step, name) => void (step === 'dot' && log.push(`answer ${name}`)));
    const channel = open(1);
    const gate =
      (name: string): HandOverGate =>
      () => {
        log.push(`gate ${name}`);
        return Promise.resolve(true);
      };
    const outcomes = await Promise.all(
      ['a', 'b', 'c'].map((name) => channel.send(mailTo(name), undefined, gate(name))),
    );
    await channel.close();
    expect(outcomes.map(({ kind }) => kind)).toEqual(['sent', 'sent', 'sent']);
    expect(seen).toEqual({ connections: 1, ended: ['a', 'b', 'c'], announced: ['b', 'c'] });
    expect(log).toEqual(['gate a', 'answer a', 'gate b', 'answer b', 'gate c', 'answer c']);
  });

  it('is not, where the server offers no pipelining', async () => {
    const { seen, open } = await listening(undefined, '250 fake\r\n');
    const channel = open(1);
    await Promise.all(['a', 'b', 'c'].map((name) => channel.send(mailTo(name))));
    await channel.close();
    expect(seen).toEqual({ connections: 1, ended: ['a', 'b', 'c'], announced: [] });
  });

  it('has not left when the connection is lost before the answer to the one before: that one is unknown, it goes another way', async () => {
    const { seen, open } = await listening((step, name) => (step === 'dot' && name === 'a' ? 'drop' : undefined));
    const channel = open(1);
    const outcomes = await Promise.all(['a', 'b', 'c'].map((name) => channel.send(mailTo(name))));
    await channel.close();
    expect(outcomes.map(({ kind }) => kind)).toEqual(['unknown', 'sent', 'sent']);
    expect(seen).toEqual({ connections: 2, ended: ['a', 'b', 'c'], announced: ['b', 'c'] });
  });

  it.each([
    [
      'a refusal of the one before',
      'dot',
      'a',
      '554 5.6.0 malformed',
      ['rejected', 'sent', 'sent'],
      ['a', 'b', 'c'],
      1,
    ],
    ['a refusal of its recipient', 'RCPT', 'b', '550 5.1.1 no', ['sent', 'rejected', 'sent'], ['a', 'c'], 1],
    ['a refusal of its body', 'DATA', 'b', '451 later', ['sent', 'deferred', 'sent'], ['a', 'c'], 1],
    [
      'a server that has enough of the connection',
      'MAIL',
      'b',
      '421 4.7.0 enough',
      ['sent', 'sent', 'sent'],
      ['a', 'b', 'c'],
      2,
    ],
    [
      'a server that hangs up instead of answering it',
      'MAIL',
      'b',
      'drop',
      ['sent', 'sent', 'sent'],
      ['a', 'b', 'c'],
      2,
    ],
  ] as const)('stands %s', async (_title, at, who, answer, kinds, ended, connections) => {
    let isFirst = true;
    const { seen, open } = await listening((step, name) => {
      if (step !== at || name !== who || !isFirst) return undefined;
      isFirst = false;
      return answer;
    });
    const channel = open(1);
    const outcomes = await Promise.all(['a', 'b', 'c'].map((name) => channel.send(mailTo(name))));
    await channel.close();
    expect(outcomes.map(({ kind }) => kind)).toEqual(kinds);
    expect(seen.ended).toEqual(ended);
    expect(seen.connections).toBe(connections);
  });

  it('is taken back by its gate, and by who calls it off, without a word of it', async () => {
    const { seen, open } = await listening();
    const channel = open(1);
    const controller = new AbortController();
    const outcomes = await Promise.all([
      channel.send(mailTo('a')),
      channel.send(mailTo('b'), undefined, () => Promise.resolve(false)),
      channel.send(mailTo('c'), undefined, () => {
        controller.abort();
        return Promise.resolve(true);
      }),
      channel.send(mailTo('d'), controller.signal),
      channel.send(mailTo('e')),
    ]);
    await channel.close();
    expect(outcomes.map(({ kind }) => kind)).toEqual(['sent', 'unavailable', 'sent', 'unavailable', 'sent']);
    expect(seen.ended).toEqual(['a', 'c', 'e']);
  });

  it('is called off while it waits behind another one', async () => {
    const answered = Promise.withResolvers<undefined>();
    const controller = new AbortController();
    const { seen, open } = await listening((step, name) => {
      if (step !== 'dot' || name !== 'a') return undefined;
      controller.abort();
      return answered.promise;
    });
    const channel = open(1);
    const all = Promise.all([
      channel.send(mailTo('a')),
      channel.send(mailTo('b'), controller.signal),
      channel.send(mailTo('c')),
    ]);
    answered.resolve(undefined);
    expect((await all).map(({ kind }) => kind)).toEqual(['sent', 'unavailable', 'sent']);
    await channel.close();
    expect(seen.ended).toEqual(['a', 'c']);
  });

  it('goes another way when the answer to the one before does not come and another connection is free', async () => {
    const answered = Promise.withResolvers<undefined>();
    const { seen, open } = await listening((step, name) =>
      step === 'dot' && name === 'a' ? answered.promise : undefined,
    );
    const channel = open(2);
    const sending = ['a', 'b', 'c', 'd'].map((name) => channel.send(mailTo(name)));
    const others = await Promise.all(sending.slice(1));
    expect(others.map(({ kind }) => kind)).toEqual(['sent', 'sent', 'sent']);
    expect(seen.announced).toContain('c');
    answered.resolve(undefined);
    expect((await sending[0]!).kind).toBe('sent');
    await channel.close();
    expect(seen.ended.toSorted()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is not, where the connection has carried all it may', async () => {
    const { seen, open } = await listening();
    const channel = open(1, '&max_messages=2');
    const outcomes = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => channel.send(mailTo(name))));
    await channel.close();
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['sent']));
    expect(seen).toEqual({ connections: 3, ended: ['a', 'b', 'c', 'd', 'e'], announced: ['b', 'd'] });
  });

  it('fails alone when it is too large, or its address is none', async () => {
    const { seen, open } = await listening(undefined, '250-fake\r\n250-SIZE 5000\r\n250 PIPELINING\r\n');
    const channel = open(1);
    const outcomes = await Promise.all([
      channel.send(mailTo('a')),
      channel.send(mailTo('b', 6_000)),
      channel.send({ ...mailTo('c'), envelopeTo: 'c@example.net> \r\nRSET' }),
      channel.send(mailTo('d')),
    ]);
    await channel.close();
    expect(outcomes.map(({ kind }) => kind)).toEqual(['sent', 'rejected', 'rejected', 'sent']);
    expect(seen).toEqual({ connections: 1, ended: ['a', 'd'], announced: [] });
  });

  it('called off by thousands leaves nobody waiting', async () => {
    const { seen, open } = await listening();
    const channel = open(1);
    const controller = new AbortController();
    const first = channel.send(mailTo('a'));
    const rest = Array.from({ length: 20_000 }, () => channel.send(mailTo('b'), controller.signal));
    controller.abort();
    expect((await first).kind).toBe('sent');
    expect(new Set((await Promise.all(rest)).map(({ kind }) => kind))).toEqual(new Set(['unavailable']));
    await channel.close();
    expect(seen.ended).toEqual(['a']);
  });
});
