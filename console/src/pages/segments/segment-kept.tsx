// What a saved segment is used for: who came and went, sets frozen for good, files of everybody in it, and its end.
import { Alert, App, Button } from 'antd';
import { useMemo, useState } from 'react';
import { useNavigate } from 'react-router';
import type { SavedSegment } from '../../../../src/http/contract/segments.ts';
import { saveAnswer } from '../../api/client.ts';
import { ApiProblem } from '../../api/problem.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { Chart, FigureTable } from '../../chart/chart.tsx';
import { ConfirmButton } from '../../form/confirm-button.tsx';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useTheme } from '../../theme/theme-choice.tsx';
import { useWords } from './words.ts';

type OfSegment = { readonly segment: SavedSegment };

export function SegmentKept({ segment }: OfSegment) {
  return (
    <>
      <Movement segment={segment} />
      <Snapshots segment={segment} />
      <Files segment={segment} />
    </>
  );
}

function Movement({ segment }: OfSegment) {
  const say = useWords();
  const movement = useApi('GET /segments/{segmentId}/movement', {
    params: { segmentId: segment.segmentId },
    query: {},
  });
  return (
    <Section title={say('movement')} text={say('movement_text')}>
      {segment.watched ? (
        <Loaded query={movement}>{(data) => <MovementChart days={data.days} />}</Loaded>
      ) : (
        <p className="muted">{say('movement_none')}</p>
      )}
    </Section>
  );
}

type Day = {
  readonly day: string;
  readonly entered: number;
  readonly left: number;
};

function MovementChart({ days }: { readonly days: readonly Day[] }) {
  const say = useWords();
  const format = useFormat();
  const { palette } = useTheme();
  const option = useMemo(
    () => ({
      tooltip: { trigger: 'axis' },
      xAxis: {
        type: 'category',
        data: days.map(({ day }) => day),
        axisLabel: { formatter: (day: string) => format.day(day) },
      },
      yAxis: { type: 'value', minInterval: 1 },
      series: [
        {
          type: 'bar',
          name: say('entered'),
          data: days.map(({ entered }) => entered),
          itemStyle: { color: palette.good },
        },
        {
          type: 'bar',
          name: say('left'),
          data: days.map(({ left }) => left),
          itemStyle: { color: palette.accent },
        },
      ],
    }),
    [days, format, palette, say],
  );
  return (
    <Chart
      label={say('movement')}
      option={option}
      height={240}
      table={{
        columns: [
          { title: say('day') },
          { title: say('entered'), align: 'right' },
          { title: say('left'), align: 'right' },
        ],
        rows: days.map(({ day, entered, left }) => [format.day(day), format.count(entered), format.count(left)]),
      }}
    />
  );
}

function Snapshots({ segment }: OfSegment) {
  const say = useWords();
  const format = useFormat();
  const { message } = App.useApp();
  const mayWrite = useMay()('segments.write');
  const given = { params: { segmentId: segment.segmentId } };
  const snapshots = useApi('GET /segments/{segmentId}/snapshots', given);
  const freeze = useAct('POST /segments/{segmentId}/snapshots', [
    'GET /segments/{segmentId}/snapshots',
    'GET /segments/vocabulary',
  ]);
  return (
    <Section
      title={say('snapshots')}
      text={say('snapshots_text')}
      actions={
        mayWrite ? (
          <Button
            loading={freeze.isPending}
            onClick={() =>
              freeze.mutate(given, {
                onSuccess: ({ people }) =>
                  void message.success(say('frozen', { n: format.count(people), count: people })),
              })
            }
          >
            {say('freeze')}
          </Button>
        ) : undefined
      }
    >
      {freeze.isError ? <Alert type="error" showIcon className="form-alert" title={freeze.error.message} /> : null}
      <Loaded
        query={snapshots}
        empty={{
          when: (data) => data.snapshots.length === 0,
          show: <p className="muted">{say('snapshots_none')}</p>,
        }}
      >
        {(data) => (
          <div className="seg-scroll" tabIndex={0} role="region" aria-label={say('snapshots')}>
            <FigureTable
              label={say('snapshots')}
              table={{
                columns: [
                  { title: say('taken_at') },
                  { title: say('snapshot_id') },
                  { title: say('column_version'), align: 'right' },
                  { title: say('column_people'), align: 'right' },
                ],
                rows: data.snapshots.map((snapshot) => [
                  format.instant(snapshot.takenAt),
                  <code key="id">{snapshot.snapshotId}</code>,
                  snapshot.version,
                  format.count(snapshot.people),
                ]),
              }}
            />
          </div>
        )}
      </Loaded>
    </Section>
  );
}

const FILES = { csv: 'text/csv', ndjson: 'application/x-ndjson' } as const;
type FileKind = keyof typeof FILES;

function Files({ segment }: OfSegment) {
  const say = useWords();
  const may = useMay();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const [busy, setBusy] = useState<FileKind>();
  const remove = useAct('DELETE /segments/{segmentId}', ['GET /segments', 'GET /segments/vocabulary']);
  const given = { params: { segmentId: segment.segmentId } };
  const save = async (kind: FileKind): Promise<void> => {
    setBusy(kind);
    try {
      const name = `${segment.segmentId}.${kind}`;
      await saveAnswer('GET /segments/{segmentId}/members', given, {
        name,
        type: FILES[kind],
      });
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      void message.error(error.message);
    } finally {
      setBusy(undefined);
    }
  };
  if (!may('people.export') && !may('segments.write')) return null;
  return (
    <Section title={say('files')} text={say('files_text')}>
      {remove.isError ? <Alert type="error" showIcon className="form-alert" title={remove.error.message} /> : null}
      <div className="seg-tags">
        {may('people.export') ? (
          <>
            <Button loading={busy === 'csv'} onClick={() => void save('csv')}>
              {say('export_csv')}
            </Button>
            <Button loading={busy === 'ndjson'} onClick={() => void save('ndjson')}>
              {say('export_ndjson')}
            </Button>
          </>
        ) : null}
        {may('segments.write') ? (
          <ConfirmButton
            label={say('delete')}
            question={say('delete_question')}
            text={say('delete_text')}
            loading={remove.isPending}
            onConfirm={() =>
              remove.mutate(given, {
                onSuccess: () => void navigate('/segments'),
              })
            }
          />
        ) : null}
      </div>
    </Section>
  );
}
