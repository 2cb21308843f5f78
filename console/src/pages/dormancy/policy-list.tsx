// Every policy with its rule in words and how its people stand.
import { Tag } from 'antd';
import { Link } from 'react-router';
import type { SavedPolicyWire } from '../../../../src/http/contract/policies.ts';
import { useApi } from '../../api/queries.ts';
import { useFormat } from '../../format/use-format.ts';
import { ListPage } from '../../frame/list-page.tsx';
import { Section } from '../../frame/page-frame.tsx';
import { Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useLanguage } from '../../words/language.ts';
import { useTerms } from '../../words/terms.ts';
import { useRuleText } from './rule-text.ts';
import { isDormantStage } from './stage-look.ts';
import { useWords } from './words.ts';
import './dormancy.css';

type Listed = SavedPolicyWire & { readonly evaluatedUntil: string | null };

export function PolicyList() {
  const say = useWords();
  const mayWrite = useMay()('policies.write');
  const policies = useApi('GET /policies');
  return (
    <ListPage
      title={say('title')}
      question={say('question')}
      intro={say('intro')}
      create={mayWrite ? { label: say('new'), to: '/dormancy/new' } : undefined}
      query={policies}
      isEmpty={(data) => data.policies.length === 0}
      none={{ title: say('none'), text: say('none_text') }}
    >
      {({ policies: all }) => (
        <div className="dormancy-list">
          {[...Map.groupBy(all, ({ policy }) => policy.policyId)].map(([policyId, versions]) => (
            <PolicyCard key={policyId} versions={versions} />
          ))}
        </div>
      )}
    </ListPage>
  );
}

function PolicyCard({ versions }: { readonly versions: readonly Listed[] }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const ruleText = useRuleText();
  const shown = versions.find(({ active }) => active) ?? versions[0];
  if (shown === undefined) return null;
  const { policy, version, evaluatedUntil } = shown;
  return (
    <Section
      title={policy.name[language]}
      text={ruleText(policy.rule)}
      actions={
        <span className="dormancy-tags">
          <Tag>{say('version_of', { n: version, all: versions.length })}</Tag>
          <Link to={`/dormancy/${policy.policyId}`}>{say('open')}</Link>
        </span>
      }
    >
      {evaluatedUntil === null ? (
        <p className="muted">{say('never_evaluated')}</p>
      ) : (
        <>
          <StageStrip policyId={policy.policyId} />
          <p className="muted dormancy-foot">{say('as_of', { day: format.day(evaluatedUntil) })}</p>
        </>
      )}
    </Section>
  );
}

/** How the people of a policy stand, as one bar. */
function StageStrip({ policyId }: { readonly policyId: string }) {
  const say = useWords();
  const format = useFormat();
  const term = useTerms();
  const shown = useApi('GET /policies/{policyId}', { params: { policyId } });
  return (
    <Loaded query={shown} rows={1}>
      {({ stages }) => {
        const total = stages.reduce((sum, { people }) => sum + people, 0);
        const there = stages.filter(({ people }) => people > 0);
        if (total === 0) return <p className="muted">{say('nobody')}</p>;
        const dormant = there.reduce((sum, { stage, people }) => sum + (isDormantStage(stage) ? people : 0), 0);
        return (
          <>
            <p className="dormancy-lead">
              {say('dormant_of', {
                n: format.count(dormant),
                all: format.count(total),
                share: format.percent(dormant / total),
              })}
            </p>
            <div className="dormancy-strip" aria-hidden="true">
              {there.map(({ stage, people }) => (
                <span
                  key={stage}
                  className={`dormancy-strip-part stage-${stage}`}
                  style={{ flexGrow: people / total }}
                />
              ))}
            </div>
            <ul className="dormancy-legend">
              {there.map(({ stage, people }) => (
                <li key={stage}>
                  <span className={`dormancy-key stage-${stage}`} aria-hidden="true" />
                  {term('stage', stage)} <b className="tabular">{format.count(people)}</b>
                </li>
              ))}
            </ul>
          </>
        );
      }}
    </Loaded>
  );
}
