// Which uploaded file is being worked on, and how far it is: what the server lists, kept up to date by what it tells.
import { useEffect, useRef, useState } from 'react';
import type { UploadRow } from '../../../src/http/contract/imports.ts';
import { queryClient, useAct, useApi } from '../api/queries.ts';
import { useServerEvents } from '../api/server-events.ts';

const EVENT_NAMES = ['upload'];

export type CurrentUpload = {
  /** Undefined while there is none. */
  readonly upload: UploadRow | undefined;
  readonly bytesMax: number;
  /** It was running when the server went away, and does not run any more. */
  readonly wasCutOff: boolean;
  readonly isLineLost: boolean;
  readonly take: (upload: UploadRow) => void;
  /** Throws the file away. */
  readonly discard: () => void;
  /** Closes the result. */
  readonly close: () => void;
};

const BYTES_MAX = 1024 ** 3;

export function useUploads(onDone?: (upload: UploadRow) => void): CurrentUpload {
  const listed = useApi('GET /imports');
  const remove = useAct('DELETE /imports/uploads/{uploadId}', ['GET /imports']);
  const [taken, setTaken] = useState<string>();
  const [closed, setClosed] = useState<readonly string[]>([]);
  const [told, setTold] = useState<Readonly<Record<string, UploadRow>>>({});
  const [cutOff, setCutOff] = useState<string>();
  /** What was told last, at once: two tellings may come before the next drawing. */
  const states = useRef(new Map<string, UploadRow['run']['state']>());
  const done = useRef(onDone);
  useEffect(() => {
    done.current = onDone;
  });
  const line = useServerEvents(
    '/imports/live',
    (_, value) => {
      const row = value as UploadRow;
      const before = states.current.get(row.uploadId);
      states.current.set(row.uploadId, row.run.state);
      setTold((rows) => ({ ...rows, [row.uploadId]: row }));
      if (before === 'running' && row.run.state === 'waiting') setCutOff(row.uploadId);
      if (before === 'running' && row.run.state === 'done') {
        done.current?.(row);
        void queryClient.invalidateQueries();
      }
    },
    EVENT_NAMES,
  );
  const rows = [
    ...Object.values(told),
    ...(listed.data?.uploads ?? []).filter(({ uploadId }) => told[uploadId] === undefined),
  ].filter(({ uploadId }) => !closed.includes(uploadId));
  const upload =
    rows.find(({ uploadId }) => uploadId === taken) ??
    // Whoever comes back finds what she had begun; what was finished while she was away stands in the list.
    rows.filter(({ run }) => run.state !== 'done').sort((a, b) => b.uploadedAt.localeCompare(a.uploadedAt))[0];
  const close = (): void => {
    if (upload !== undefined) setClosed((before) => [...before, upload.uploadId]);
    setTaken(undefined);
  };
  return {
    upload,
    bytesMax: listed.data?.uploadBytesMax ?? BYTES_MAX,
    wasCutOff: upload !== undefined && upload.uploadId === cutOff && upload.run.state === 'waiting',
    isLineLost: line !== 'open',
    take: (row) => {
      setTold((before) => ({ ...before, [row.uploadId]: row }));
      setTaken(row.uploadId);
    },
    discard: () => {
      if (upload !== undefined) remove.mutate({ params: { uploadId: upload.uploadId } });
      close();
    },
    close,
  };
}
