// Every version of a policy: none ever changes, one is active.
import { Alert, App, Button } from 'antd';
import { useAct, useApi } from '../../api/queries.ts';
import { useFormat } from '../../format/use-format.ts';
import { ToneTag } from '../../frame/tone-tag.tsx';
import { Section } from '../../frame/page-frame.tsx';
import { Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useRuleText } from './rule-text.ts';
import { useWords } from './words.ts';

export function Versions({ policyId }: { readonly policyId: string }) {
  const say = useWords();
  const format = useFormat();
  const ruleText = useRuleText();
  const { message } = App.useApp();
  const mayWrite = useMay()('policies.write');
  const policies = useApi('GET /policies');
  const activate = useAct('POST /policies/{policyId}/activate', ['GET /policies', 'GET /policies/{policyId}']);
  const evaluate = useAct('POST /policies/{policyId}/evaluate', [
    'GET /policies',
    'GET /policies/{policyId}',
    'GET /policies/{policyId}/flow',
    'GET /policies/{policyId}/model',
    'GET /overview',
  ]);
  const error = activate.error ?? evaluate.error;
  return (
    <Section
      title={say('place_versions')}
      text={say('versions_text')}
      actions={
        mayWrite ? (
          <Button
            loading={evaluate.isPending}
            onClick={() =>
              evaluate.mutate(
                { params: { policyId }, body: {} },
                { onSuccess: () => void message.success(say('evaluated')) },
              )
            }
          >
            {say('evaluate')}
          </Button>
        ) : undefined
      }
    >
      {error === null ? null : <Alert type="error" showIcon className="form-alert" title={error.message} />}
      <Loaded query={policies}>
        {({ policies: all }) => (
          <ul className="dormancy-versions">
            {all
              .filter(({ policy }) => policy.policyId === policyId)
              .map(({ policy, version, active, createdAt }) => (
                <li key={version}>
                  <div>
                    <p>
                      <b>{say('version', { n: version })}</b>{' '}
                      {active ? <ToneTag tone="good">{say('active')}</ToneTag> : null}
                      <span className="muted">{format.instant(createdAt)}</span>
                    </p>
                    <p>{ruleText(policy.rule)}</p>
                    <p className="muted">{say('counts_as_alive', { events: policy.activity.join(say('comma')) })}</p>
                  </div>
                  {active || !mayWrite ? null : (
                    <Button
                      loading={activate.isPending && activate.variables.body.version === version}
                      onClick={() => activate.mutate({ params: { policyId }, body: { version } })}
                    >
                      {say('activate')}
                    </Button>
                  )}
                </li>
              ))}
          </ul>
        )}
      </Loaded>
    </Section>
  );
}
