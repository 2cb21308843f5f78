// Texts that came in and that a human should read, the oldest first.
import { Alert, Button } from 'antd';
import { useAct, useApi } from '../../api/queries.ts';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useWords } from './words.ts';

const RESOLUTIONS = ['stop', 'start', 'nothing'] as const;

export function Inbound() {
  const say = useWords();
  const format = useFormat();
  const mayWrite = useMay()('reach.write');
  const texts = useApi('GET /sms/inbound', { query: { waiting: 'true' } });
  const resolve = useAct('POST /sms/inbound/{inboundId}/resolve', ['GET /sms/inbound']);
  return (
    <Section title={say('place_inbound')} text={say('inbound_text')}>
      {resolve.error === null ? null : (
        <Alert type="error" showIcon className="form-alert" title={resolve.error.message} />
      )}
      <Loaded
        query={texts}
        empty={{ when: (data) => data.texts.length === 0, show: <Empty title={say('inbound_none')} /> }}
      >
        {(data) => (
          <ul className="reach-texts">
            {data.texts.map((each) => (
              <li key={each.inboundId}>
                <p className="muted">
                  {each.phone} · {format.instant(each.receivedAt)}
                </p>
                <p>{each.text}</p>
                {mayWrite ? (
                  <p className="reach-actions">
                    {RESOLUTIONS.map((resolution) => (
                      <Button
                        key={resolution}
                        size="small"
                        disabled={resolve.isPending}
                        onClick={() => resolve.mutate({ params: { inboundId: each.inboundId }, body: { resolution } })}
                      >
                        {say(`resolve_${resolution}`)}
                      </Button>
                    ))}
                  </p>
                ) : null}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Section>
  );
}
