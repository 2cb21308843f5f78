// Sends one file as it is. XMLHttpRequest, because fetch tells nothing of how far an upload is.
import { addressOf } from '../api/client.ts';
import { ApiProblem, problemOf } from '../api/problem.ts';
import { signedInAgain } from '../api/session-ended.ts';
import type { UploadRow } from '../../../src/http/contract/imports.ts';
import { currentLanguage, shared } from '../words/language.ts';

type Sending = {
  /** In [0, 1]. */
  readonly onShare: (share: number) => void;
  readonly signal: AbortSignal;
};

function attempt(file: File, { onShare, signal }: Sending): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', addressOf('POST /imports/uploads', { query: { name: file.name } }));
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.setRequestHeader('Accept-Language', currentLanguage() === 'zh' ? 'zh-CN' : 'en');
    request.upload.addEventListener('progress', ({ loaded, total }) => onShare(total === 0 ? 0 : loaded / total));
    request.addEventListener('load', () => resolve(new Response(request.responseText, { status: request.status })));
    // The line broke, or the server went away: nothing of the file was kept.
    request.addEventListener('error', () => reject(new ApiProblem('offline', 0, shared('problem_offline'))));
    request.addEventListener('abort', () => reject(new ApiProblem('cancelled', 0, '')));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}

/** Throws an `ApiProblem`: `offline` when the line broke, `cancelled` when `signal` said so, else what the server refused. */
export async function sendFile(file: File, sending: Sending): Promise<UploadRow> {
  let response = await attempt(file, sending);
  if (response.status === 401) {
    await signedInAgain();
    response = await attempt(file, sending);
  }
  if (!response.ok) throw await problemOf(response, shared('problem_unexpected'));
  return (await response.json()) as UploadRow;
}
