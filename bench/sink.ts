// The other side of `bench send`: the product's own SMTP sink in a process of its own. Prints its URL, and how many mails it has taken whenever
// it is asked; ends when its input closes.
import { startMailSink } from '../src/reach/channels/email/sink.ts';

let taken = 0;
const sink = await startMailSink({ onMail: () => void taken++ });
console.log(sink.url);
process.stdin.on('data', () => console.log(taken));
process.stdin.on('end', () => process.exit(0));
