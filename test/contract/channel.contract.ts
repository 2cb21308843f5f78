// The suite every channel over HTTP passes. A local server stands for the provider: `fake` checks each request as the real one would
// and answers as documented; the suite breaks the line around it and asks the adapter what became of the message.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Channel, SendOutcome } from '../../src/reach/channels/channel.ts';

export type SeenRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The body as it came, for those that are no text. */
  readonly raw: Buffer;
};
export type FakeAnswer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
};

export type ChannelSubject<Message> = {
  readonly name: string;
  /** The adapter, speaking to this address and giving up after this time. */
  readonly open: (baseUrl: string, timeoutMs: number) => Channel<Message>;
  readonly message: (n: number) => Message;
  /** The provider: refuses what the real one would refuse. */
  readonly fake: (request: SeenRequest) => FakeAnswer;
  /** Does this request hand a message over? Others (looking up what became of it) reach the fake even when the line is broken. */
  readonly isSend?: (request: SeenRequest) => boolean;
  /** Whose fault it is to be told 401, where not the account's. */
  readonly forbiddenIs?: 'sender';
  /** The adapter's clock, where it has one of its own. */
  readonly now?: Date;
  /** Why the status alone is the answer, where the protocol says so. */
  readonly statusIsTheAnswer?: string;
  /** What must never be told: keys and secrets. */
  readonly secrets: readonly string[];
};

type Trouble = 'none' | 'silence' | 'hang-up' | 'half' | 'trickle' | FakeAnswer;

export type FakeServer = {
  readonly url: string;
  readonly seen: SeenRequest[];
  trouble: Trouble;
  readonly close: () => Promise<void>;
};

async function readRequest(request: IncomingMessage): Promise<SeenRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const url = new URL(request.url ?? '/', 'http://localhost');
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
    ),
    body: Buffer.concat(chunks).toString('utf8'),
    raw: Buffer.concat(chunks),
  };
}

/** A provider on the loopback interface whose line can be broken. */
export async function startFakeServer(
  fake: (request: SeenRequest) => FakeAnswer,
  isSend: (request: SeenRequest) => boolean = () => true,
): Promise<FakeServer> {
  const timers = new Set<NodeJS.Timeout>();
  const seen: SeenRequest[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const read = await readRequest(request);
    seen.push(read);
    const { trouble } = front;
    const good = fake(read);
    if (trouble === 'none' || !isSend(read)) {
      response.writeHead(good.status, { 'content-type': 'application/json', ...good.headers }).end(good.body);
    } else if (trouble === 'silence') {
      // The request is read, and nothing is ever said.
    } else if (trouble === 'hang-up') {
      request.socket.destroy();
    } else if (trouble === 'half') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': good.body.length + 50 });
      response.write(good.body.slice(0, Math.ceil(good.body.length / 2)));
      timers.add(setTimeout(() => request.socket.destroy(), 20));
    } else if (trouble === 'trickle') {
      response.writeHead(200, { 'content-type': 'application/json' });
      timers.add(setInterval(() => response.write(' '), 20));
    } else {
      response.writeHead(trouble.status, trouble.headers).end(trouble.body);
    }
  };
  const server: Server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const front: FakeServer = {
    url: `http://127.0.0.1:${port}`,
    seen,
    trouble: 'none',
    close: () => {
      for (const timer of timers) clearTimeout(timer);
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return front;
}

const TIMEOUT_MS = 400;

export function channelContract<Message>(subject: ChannelSubject<Message>): void {
  describe(`${subject.name}: the channel contract`, () => {
    const isSend = subject.isSend ?? (() => true);
    let server: FakeServer;
    let channel: Channel<Message>;
    const told: SendOutcome[] = [];
    const sends = (): SeenRequest[] => server.seen.filter(isSend);
    const send = async (n = 1, signal?: AbortSignal, gate?: () => Promise<boolean>): Promise<SendOutcome> => {
      const outcome = await channel.send(subject.message(n), signal, gate);
      told.push(outcome);
      return outcome;
    };
    beforeEach(async () => {
      server = await startFakeServer(subject.fake, isSend);
      channel = subject.open(server.url, TIMEOUT_MS);
    });
    afterEach(async () => {
      await channel.close();
      await server.close();
    });

    it('hands over once, after it was allowed to, and keeps the provider’s id', async () => {
      const outcome = await send(1, undefined, () => {
        expect(sends()).toHaveLength(0);
        return Promise.resolve(true);
      });
      expect(outcome).toMatchObject({ kind: 'sent' });
      expect(outcome.kind === 'sent' && outcome.providerId).toMatch(/\S/);
      expect(sends()).toHaveLength(1);
    });

    it('sends many at once, each to its own outcome', async () => {
      // However slow the machine is: this is not about time.
      const patient = subject.open(server.url, 30_000);
      const outcomes = await Promise.all(Array.from({ length: 30 }, (_, n) => patient.send(subject.message(n))));
      expect(outcomes.map(({ kind }) => kind)).toEqual(outcomes.map(() => 'sent'));
      await patient.close();
    });

    it('sends nothing when it may not leave, and nothing when asking fails', async () => {
      expect(await send(1, undefined, () => Promise.resolve(false))).toMatchObject({ kind: 'unavailable' });
      expect(await send(1, undefined, () => Promise.reject(new Error('the ledger is gone')))).toMatchObject({
        kind: 'unavailable',
      });
      expect(await send(1, AbortSignal.abort())).toMatchObject({ kind: 'unavailable' });
      expect(sends()).toHaveLength(0);
    });

    it('calls a provider that cannot be reached unavailable', async () => {
      await server.close();
      expect(await send()).toMatchObject({ kind: 'unavailable' });
    });

    it.each(['silence', 'hang-up', 'half', 'trickle'] as const)(
      'does not know what became of it after %s',
      async (trouble) => {
        server.trouble = trouble;
        expect(await send()).toMatchObject({ kind: 'unknown' });
        expect(sends()).toHaveLength(1);
      },
    );

    const { statusIsTheAnswer } = subject;
    it.skipIf(statusIsTheAnswer !== undefined)(
      `does not take an answer it cannot read for a success${statusIsTheAnswer === undefined ? '' : `: ${statusIsTheAnswer}`}`,
      async () => {
        server.trouble = { status: 200, body: '<html>maintenance</html>' };
        expect(await send()).toMatchObject({ kind: 'unknown' });
        server.trouble = { status: 200, body: '{}' };
        expect(['unknown', 'rejected']).toContain((await send()).kind);
      },
    );

    it('does not take the other side’s trouble for a success', async () => {
      server.trouble = { status: 500, body: 'oops' };
      expect(['unknown', 'deferred']).toContain((await send()).kind);
    });

    it('waits as long as it is told', async () => {
      server.trouble = { status: 429, headers: { 'retry-after': '7' }, body: 'slow down' };
      expect(await send()).toMatchObject({ kind: 'deferred', retryAfterSeconds: 7 });
      server.trouble = { status: 503, body: 'busy' };
      expect(await send()).toMatchObject({ kind: 'deferred' });
    });

    it('is told that it may not: the account’s fault, not the address’s', async () => {
      server.trouble = { status: 401, body: 'who are you' };
      const outcome = await send();
      expect(outcome).toMatchObject({ kind: 'rejected', class: subject.forbiddenIs ?? 'account' });
    });

    it('waits until a date, and no longer than anybody would', async () => {
      const at = new Date((subject.now ?? new Date()).getTime() + 3_600_000);
      server.trouble = { status: 429, headers: { 'retry-after': at.toUTCString() }, body: 'slow down' };
      const outcome = await send();
      expect(outcome).toMatchObject({ kind: 'deferred' });
      // Dates of HTTP have no fractions, and the way here takes a while.
      const seconds = outcome.kind === 'deferred' ? outcome.retryAfterSeconds : undefined;
      expect(seconds).toBeLessThanOrEqual(3_600);
      expect(seconds).toBeGreaterThan(3_540);
      server.trouble = { status: 503, headers: { 'retry-after': '9'.repeat(30) }, body: 'never' };
      expect(await send()).toMatchObject({ kind: 'deferred', retryAfterSeconds: 30 * 86_400 });
    });

    it('does not follow where it is sent', async () => {
      for (const status of [301, 307, 308]) {
        server.trouble = { status, headers: { location: 'https://elsewhere.example/?key=1' }, body: '' };
        expect(await send()).toMatchObject({ kind: 'rejected', class: 'account' });
      }
    });

    it('tells no secret', async () => {
      for (const trouble of ['hang-up', { status: 403, body: 'no' }] as const) {
        server.trouble = trouble;
        await send();
      }
      const words = JSON.stringify(told);
      for (const secret of subject.secrets) expect(words).not.toContain(secret);
    });
  });
}
