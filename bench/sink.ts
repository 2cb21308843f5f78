// The other side of `bench send`: the product's own SMTP sink in a process of its own. Prints its URL; ends when its input closes.
import { startMailSink } from '../src/reach/channels/email/sink.ts';

const sink = await startMailSink({ onMail: () => undefined });
console.log(sink.url);
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
