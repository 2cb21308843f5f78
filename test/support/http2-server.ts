// A server that speaks HTTP/2 without TLS on this machine and hands over whole requests, as a fake of APNs needs it.
import { createServer, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';

export type Http2Answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, body: string) => void;

export type Http2Fake = {
  readonly url: string;
  readonly sessions: ReadonlySet<ServerHttp2Session>;
  readonly close: () => Promise<void>;
};

export async function startHttp2(answer: Http2Answer): Promise<Http2Fake> {
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => undefined);
  });
  server.on('stream', (stream, headers) => {
    let body = '';
    stream.setEncoding('utf8');
    stream.on('error', () => undefined);
    stream.on('data', (chunk: string) => (body += chunk));
    stream.on('end', () => answer(stream, headers, body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sessions,
    close: async () => {
      for (const session of sessions) session.destroy();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}
