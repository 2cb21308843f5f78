// Every saved segment: in words, how many are in it now, and how many came and went.
import { Tag } from 'antd';
import { Link } from 'react-router';
import type { SavedSegment } from '../../../../src/http/contract/segments.ts';
import { useApi } from '../../api/queries.ts';
import { useFormat } from '../../format/use-format.ts';
import { ListPage } from '../../frame/list-page.tsx';
import { Section } from '../../frame/page-frame.tsx';
import { useMay } from '../../session/session.tsx';
import { useLanguage } from '../../words/language.ts';
import { useWords } from './words.ts';
import './segments.css';

const COUNT_EVERY_MS = 60_000;

export function SegmentList() {
  const say = useWords();
  const mayWrite = useMay()('segments.write');
  const segments = useApi('GET /segments');
  return (
    <ListPage
      title={say('title')}
      question={say('question')}
      intro={say('intro')}
      create={mayWrite ? { label: say('create'), to: '/segments/new' } : undefined}
      query={segments}
      isEmpty={(data) => data.segments.length === 0}
      none={{ title: say('none'), text: say('none_text') }}
    >
      {(data) => (
        <div className="seg-list">
          {data.segments.map((segment) => (
            <SegmentCard key={segment.segmentId} segment={segment} />
          ))}
        </div>
      )}
    </ListPage>
  );
}

function SegmentCard({ segment }: { readonly segment: SavedSegment }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const given = { params: { segmentId: segment.segmentId } };
  const count = useApi('GET /segments/{segmentId}/count', given, {
    refetchEveryMs: COUNT_EVERY_MS,
  });
  const movement = useApi('GET /segments/{segmentId}/movement', { ...given, query: {} }, { enabled: segment.watched });
  return (
    <Section
      title={segment.name}
      text={segment.words[language]}
      actions={
        <span className="seg-tags">
          <Tag>{say('version', { n: segment.version })}</Tag>
          {segment.watched ? null : <Tag>{say('not_watched')}</Tag>}
          <Link to={`/segments/${encodeURIComponent(segment.segmentId)}`}>{say('open', { name: segment.name })}</Link>
        </span>
      }
    >
      <div className="seg-numbers" role="status">
        <p>
          <span className="seg-number-big tabular">
            {count.data === undefined ? '…' : format.count(count.data.people)}
          </span>{' '}
          {count.data === undefined
            ? count.isError
              ? count.error.message
              : ''
            : say('of_all', {
                share: format.percent(count.data.of === 0 ? 0 : count.data.people / count.data.of),
                of: format.count(count.data.of),
              })}
        </p>
        {movement.data === undefined ? null : (
          <p className="muted">
            {say('moved', {
              entered: format.count(movement.data.entered),
              left: format.count(movement.data.left),
            })}
          </p>
        )}
      </div>
    </Section>
  );
}
