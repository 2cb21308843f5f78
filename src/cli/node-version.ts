// Is the Node that started us new enough? Said in a sentence, instead of by whatever fails first.
import { RekindleError } from '../kernel/errors.ts';

/** What the libraries under the server need; `engines` of the package says the same. */
const NEEDED = [22, 12] as const;

/** Throws `node_too_old`. `version` as in `process.versions.node`. */
export function demandNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [least, leastMinor] = NEEDED;
  if (major < least || (major === least && minor < leastMinor))
    throw new RekindleError('node_too_old', { version, needed: NEEDED.join('.') });
}
