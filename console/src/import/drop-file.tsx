// Where a file is dropped or chosen, and how far it has come.
import { Alert, Button, Progress } from 'antd';
import { useRef, useState, type DragEvent } from 'react';
import type { UploadRow } from '../../../src/http/contract/imports.ts';
import { ApiProblem } from '../api/problem.ts';
import { useFormat } from '../format/use-format.ts';
import { sendFile } from './send-file.ts';
import { sizeText } from './size-text.ts';
import { useWords } from './words.ts';
import './import.css';

const KINDS = '.csv,.tsv,.txt,.json,.jsonl,.ndjson,.parquet,.gz';

type State =
  | { readonly kind: 'empty' }
  | { readonly kind: 'sending'; readonly file: File; readonly share: number; readonly stop: () => void }
  | { readonly kind: 'failed'; readonly file: File; readonly why: string; readonly canRepeat: boolean };

type DropFileProps = {
  readonly bytesMax: number;
  readonly onTaken: (upload: UploadRow) => void;
  /** What is wanted here, where it is no file of orders. */
  readonly wanted?: { readonly title: string; readonly kinds: string };
};

export function DropFile({ bytesMax, onTaken, wanted }: DropFileProps) {
  const say = useWords();
  const format = useFormat();
  const [state, setState] = useState<State>({ kind: 'empty' });
  const [isOver, setOver] = useState(false);
  const [onlyFirst, setOnlyFirst] = useState<string>();
  const picker = useRef<HTMLInputElement>(null);

  const send = async (file: File): Promise<void> => {
    const refuse = (why: string): void => setState({ kind: 'failed', file, why, canRepeat: false });
    if (file.size === 0) return refuse(say('file_is_empty', { name: file.name }));
    if (file.size > bytesMax)
      return refuse(
        say('file_is_large', {
          name: file.name,
          size: sizeText(file.size, format),
          max: sizeText(bytesMax, format),
        }),
      );
    const stopping = new AbortController();
    const at = (share: number): void => setState({ kind: 'sending', file, share, stop: () => stopping.abort() });
    at(0);
    try {
      const upload = await sendFile(file, { onShare: at, signal: stopping.signal });
      setState({ kind: 'empty' });
      onTaken(upload);
    } catch (cause) {
      const problem = cause instanceof ApiProblem ? cause : undefined;
      if (problem?.code === 'cancelled') return setState({ kind: 'empty' });
      const isBroken = problem === undefined || problem.code === 'offline' || problem.status >= 500;
      setState({
        kind: 'failed',
        file,
        why: problem === undefined || problem.code === 'offline' ? say('line_lost') : problem.message,
        canRepeat: isBroken,
      });
    }
    return undefined;
  };
  const take = (files: FileList | null): void => {
    const [file] = [...(files ?? [])];
    if (file === undefined) return;
    setOnlyFirst((files?.length ?? 0) > 1 ? file.name : undefined);
    void send(file);
  };
  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
  };

  if (state.kind === 'sending')
    return (
      <div className="import-drop" role="status">
        <p>{say('uploading', { name: state.file.name })}</p>
        <Progress percent={Math.floor(state.share * 100)} aria-label={say('uploading', { name: state.file.name })} />
        <Button onClick={state.stop}>{say('upload_stop')}</Button>
      </div>
    );
  return (
    <div
      className={isOver ? 'import-drop import-drop-over' : 'import-drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      {state.kind === 'failed' ? (
        <Alert
          type="error"
          showIcon
          className="form-alert"
          title={say('upload_failed', { name: state.file.name })}
          description={
            <>
              <p>{state.why}</p>
              <p>{say('upload_nothing_kept')}</p>
            </>
          }
          action={
            state.canRepeat ? (
              <Button type="primary" onClick={() => void send(state.file)}>
                {say('again')}
              </Button>
            ) : null
          }
        />
      ) : null}
      <p className="import-drop-title">{wanted?.title ?? say('drop')}</p>
      <p className="muted">{say('drop_or')}</p>
      <Button type={state.kind === 'failed' ? 'default' : 'primary'} onClick={() => picker.current?.click()}>
        {state.kind === 'failed' ? say('another') : say('choose')}
      </Button>
      <input
        ref={picker}
        type="file"
        accept={KINDS}
        hidden
        aria-label={say('choose')}
        onChange={(event) => {
          take(event.target.files);
          // The same file may be chosen again.
          event.target.value = '';
        }}
      />
      <p className="muted import-drop-kinds">
        {wanted?.kinds ?? say('drop_kinds', { size: sizeText(bytesMax, format) })}
      </p>
      {onlyFirst === undefined ? null : <p role="status">{say('one_at_a_time', { name: onlyFirst })}</p>}
    </div>
  );
}
