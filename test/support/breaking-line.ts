// A line to a server that breaks in the middle of whatever is long, for as long as it is told to: what a train in a tunnel does to an upload.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type BreakingLine = {
  readonly url: string;
  /** Connections that have sent more than so many bytes are cut; undefined mends the line. */
  readonly breakAfter: (bytes: number | undefined) => void;
  readonly close: () => Promise<void>;
};

export async function openBreakingLine(port: number): Promise<BreakingLine> {
  let bytesMax: number | undefined;
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    let sent = 0;
    for (const socket of [near, far]) {
      open.add(socket);
      // The other end hears of it by the close.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (chunk) => {
      sent += chunk.length;
      if (bytesMax !== undefined && sent > bytesMax) near.destroy();
    });
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    breakAfter: (bytes) => {
      bytesMax = bytes;
    },
    close: () =>
      new Promise((done) => {
        for (const socket of open) socket.destroy();
        server.close(() => done());
      }),
  };
}
