// Name and audience: whose silence, which stages, narrowed by a segment or not.
import { Checkbox, Input, Select } from 'antd';
import type { ProgrammeBody, ProgrammeChoices } from '../../../../src/http/contract/programmes.ts';
import { Section } from '../../frame/page-frame.tsx';
import { useLanguage } from '../../words/language.ts';
import { useTerms } from '../../words/terms.ts';
import { Field } from './field.tsx';
import { useWords } from './words.ts';

type AudienceProps = {
  readonly body: ProgrammeBody;
  readonly choices: ProgrammeChoices;
  readonly isNew: boolean;
  readonly set: (to: ProgrammeBody, field: string) => void;
};

/** The saved segment an audience is narrowed by; a tree written by hand has none. */
const savedSegment = (segment: unknown): string | undefined =>
  typeof segment === 'object' && segment !== null && 'kind' in segment && segment.kind === 'segment' && 'id' in segment
    ? String(segment.id)
    : undefined;

export function AudienceFields({ body, choices, isNew, set }: AudienceProps) {
  const say = useWords();
  const term = useTerms();
  const language = useLanguage();
  const { audience } = body;
  const segment = savedSegment(audience.segment);
  const isOwnTree = audience.segment !== null && audience.segment !== undefined && segment === undefined;
  const change = (part: Partial<ProgrammeBody['audience']>, field: string): void =>
    set({ ...body, audience: { ...audience, ...part } }, field);
  return (
    <Section title={say('audience')} text={say('audience_text')}>
      <div className="programmes-form">
        <Field
          id="name"
          label={say('field_name')}
          help={isNew && body.name.trim() !== '' ? say('field_name_help', { id: body.programmeId }) : undefined}
        >
          <Input
            id="name"
            value={body.name}
            maxLength={200}
            placeholder={say('field_name_example')}
            onChange={(event) => set({ ...body, name: event.target.value }, 'name')}
          />
        </Field>
        <Field id="policy" label={say('field_policy')}>
          <Select
            id="policy"
            className="programmes-wide"
            value={audience.policyId}
            onChange={(policyId) => change({ policyId }, '')}
            options={choices.policies.map((policy) => ({ value: policy.policyId, label: policy.name[language] }))}
          />
        </Field>
        <Field
          id="segment"
          label={say('field_segment')}
          help={isOwnTree ? say('segment_own') : say('field_segment_help')}
        >
          <Select
            id="segment"
            className="programmes-wide"
            allowClear
            placeholder={isOwnTree ? say('segment_custom') : say('segment_everybody')}
            value={segment ?? null}
            onChange={(id?: string | null) =>
              change({ segment: id === undefined || id === null ? null : { kind: 'segment', id } }, '')
            }
            options={choices.segments.map((each) => ({ value: each.segmentId, label: each.name }))}
            notFoundContent={say('no_segments')}
          />
        </Field>
      </div>
      <fieldset className="programmes-stages">
        <legend>{say('field_stages')}</legend>
        <Checkbox.Group
          value={[...audience.stages]}
          onChange={(stages) => change({ stages }, '')}
          options={choices.stages.map((stage) => ({ value: stage, label: term('stage', stage) }))}
        />
      </fieldset>
    </Section>
  );
}
