// How much may anybody send us? Each door has a limit of its own and reads a body whole to hold it against that; this one is in front of all, so that
// a body without end is dropped while it comes, and never fills the memory. Files that are uploaded go to the disk as they come, and have theirs.
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { RekindleError } from '../kernel/errors.ts';

const MB = 1024 * 1024;
/** Above every limit behind it, which tell more exactly what is wrong. */
const BYTES_MAX = 6 * MB;
/** What a page behind a link out of a message, or a mail program for it, sends back: a form. */
const FORM_BYTES_MAX = MB / 4;
const FORMS = /^\/[cdpsu]\//;
const FILES = '/api/imports/uploads';

const tooLarge = (bytes: number): RekindleError =>
  new RekindleError('too_large', {
    what: { en: 'The body', zh: '请求体' },
    limit: bytes < MB ? `${bytes / 1024} kB` : `${bytes / MB} MB`,
  });

const counted = (maxSize: number): MiddlewareHandler =>
  bodyLimit({
    maxSize,
    onError: () => {
      throw tooLarge(maxSize);
    },
  });
const [anyBody, form] = [counted(BYTES_MAX), counted(FORM_BYTES_MAX)];

export const limitedBodies: MiddlewareHandler = async (c: Context, next) => {
  const { method, path } = c.req;
  if (method === 'GET' || method === 'HEAD' || path === FILES) return next();
  const isForm = FORMS.test(path);
  const declared = c.req.header('content-length');
  // Node holds a body to the length it declares; only what comes without one is counted, which costs a copy.
  if (declared === undefined || c.req.header('transfer-encoding') !== undefined)
    return (isForm ? form : anyBody)(c, next);
  const bytesMax = isForm ? FORM_BYTES_MAX : BYTES_MAX;
  if (Number(declared) > bytesMax) throw tooLarge(bytesMax);
  return next();
};
