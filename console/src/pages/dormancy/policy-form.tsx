// The form of a policy, with what it would say of the people there are while it is being written.
import { Alert, Form, Input, InputNumber, Segmented, Select, Switch } from 'antd';
import { useMemo } from 'react';
import type { PolicyWire } from '../../../../src/http/contract/policies.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { DraftForm } from '../../form/draft-form.tsx';
import { useLater } from '../../form/use-later.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Loading } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { fieldsOf, policyOf, type Fields, type ScopeSource } from './policy-fields.ts';
import { Examples, PictureFigures, StageChart } from './stages.tsx';
import { useShared } from '../../words/language.ts';
import { useWords } from './words.ts';

type PolicyFormProps = {
  readonly draft: string;
  readonly policy: PolicyWire;
  readonly isNew: boolean;
  readonly onSaved: (policyId: string) => void;
};

export function PolicyForm({ draft, policy, isNew, onSaved }: PolicyFormProps) {
  const say = useWords();
  const mayWrite = useMay()('policies.write');
  const save = useAct('POST /policies', ['GET /policies', 'GET /policies/{policyId}', 'GET /overview']);
  const [form] = Form.useForm<Fields>();
  const initial = useMemo(() => fieldsOf(policy), [policy]);
  const source: ScopeSource = useMemo(
    () => ({
      kept: policy.scope,
      keptSunset: policy.sunset,
    }),
    [policy],
  );
  const fields = Form.useWatch((values) => values as Partial<Fields>, form);
  const written = { ...initial, ...fields };
  return (
    <>
      <Section title={say('form')} text={say(isNew ? 'form_new_text' : 'form_text')}>
        <DraftForm
          draft={draft}
          form={form}
          initial={initial}
          save={save}
          saveWord={say(isNew ? 'create' : 'save_version')}
          isLocked={!mayWrite}
          actOf={(values) => ({ body: policyOf(values, source) })}
          onSaved={(saved) => onSaved(saved.policy.policyId)}
        >
          <PolicyFields isNew={isNew} fields={written} hasKeptScope={initial.scopeKind === 'kept'} />
        </DraftForm>
      </Section>
      <Preview policy={policyOf(written, source)} />
    </>
  );
}

const PREVIEW_AFTER_MS = 700;

/** Asks a moment after the last change; the picture before stays while the next one is drawn. */
function Preview({ policy }: { readonly policy: PolicyWire }) {
  const say = useWords();
  const written = JSON.stringify(policy);
  const asked = useLater(written, PREVIEW_AFTER_MS);
  const body = useMemo(() => ({ policy: JSON.parse(asked) as PolicyWire }), [asked]);
  const preview = useApi('POST /policies/preview', { body }, { keepPrevious: true });
  return (
    <Section title={say('preview')} text={say('preview_text')}>
      {preview.isError ? (
        <Alert type="warning" showIcon title={preview.error.message} />
      ) : preview.data === undefined ? (
        <Loading rows={6} />
      ) : (
        <div className={preview.isPlaceholderData ? 'dormancy-preview dormancy-waiting' : 'dormancy-preview'}>
          <PictureFigures picture={preview.data} />
          <StageChart picture={preview.data} />
          <Examples picture={preview.data} />
        </div>
      )}
    </Section>
  );
}

type FieldsProps = { readonly isNew: boolean; readonly fields: Fields; readonly hasKeptScope: boolean };

function PolicyFields({ isNew, fields, hasKeptScope }: FieldsProps) {
  const say = useWords();
  const presets = useApi('GET /policies/presets');
  const policies = useApi('GET /policies');
  const taken = new Set(policies.data?.policies.map(({ policy }) => policy.policyId));
  const needed = [{ required: true, message: say('needed') }];
  return (
    <>
      <div className="dormancy-fields">
        <Form.Item name="nameEn" label={say('field_name_en')} rules={needed}>
          <Input maxLength={120} lang="en" />
        </Form.Item>
        <Form.Item name="nameZh" label={say('field_name_zh')} rules={needed}>
          <Input maxLength={120} lang="zh-CN" />
        </Form.Item>
        {isNew ? (
          <Form.Item
            name="policyId"
            label={say('field_id')}
            extra={say('field_id_help')}
            rules={[
              { required: true, pattern: /^[a-z][a-z0-9-]{0,39}$/, message: say('field_id_wrong') },
              {
                // Saving under a name that is taken would become a version of that policy.
                validator: (_, id: string) =>
                  taken.has(id) ? Promise.reject(new Error(say('field_id_taken'))) : Promise.resolve(),
              },
            ]}
          >
            <Input />
          </Form.Item>
        ) : null}
      </div>
      <Form.Item name="activity" label={say('field_activity')} extra={say('field_activity_help')} rules={needed}>
        <Select
          mode="multiple"
          showSearch
          loading={presets.isPending}
          options={(presets.data?.occurringEvents ?? []).map((name) => ({ value: name, label: name }))}
        />
      </Form.Item>
      <Scope fields={fields} hasKeptScope={hasKeptScope} />
      <Form.Item name="kind" required label={say('field_kind')} extra={say(`kind_${fields.kind}_help`)}>
        <Segmented
          options={(['window', 'cadence', 'predicted'] as const).map((kind) => ({
            value: kind,
            label: say(`kind_${kind}`),
          }))}
        />
      </Form.Item>
      <div className="dormancy-fields dormancy-numbers">
        <RuleFields fields={fields} />
      </div>
      <div className="dormancy-fields dormancy-numbers">
        <Amount name="newDays" label={say('field_new')} />
        <Amount name="recoveredDays" label={say('field_recovered')} />
        <Amount name="relapsedDays" label={say('field_relapsed')} />
      </div>
      <Form.Item
        name="hasSunset"
        required
        label={say('field_sunset')}
        extra={say('field_sunset_help')}
        valuePropName="checked"
      >
        <Switch />
      </Form.Item>
      {fields.hasSunset ? (
        <div className="dormancy-fields dormancy-numbers">
          <Amount name="sunsetContacts" label={say('field_sunset_contacts')} max={100} />
          <Amount name="sunsetDays" label={say('field_sunset_days')} />
        </div>
      ) : null}
      {fields.hasSunset ? (
        <Form.Item
          name="sunsetAsks"
          label={say('field_sunset_asks')}
          extra={say('field_sunset_asks_help')}
          valuePropName="checked"
        >
          <Switch />
        </Form.Item>
      ) : null}
      {fields.hasSunset && fields.sunsetAsks ? (
        <div className="dormancy-fields dormancy-numbers">
          <Amount name="sunsetAskAfterDays" label={say('field_sunset_ask_days')} min={0} />
        </div>
      ) : null}
    </>
  );
}

function Scope({ fields, hasKeptScope }: Omit<FieldsProps, 'isNew'>) {
  const say = useWords();
  const shared = useShared();
  const segments = useApi('GET /segments', undefined, { enabled: useMay()('segments.read') });
  const needed = [{ required: true, message: say('needed') }];
  return (
    <>
      <Form.Item name="scopeKind" required label={say('field_scope')} extra={say('field_scope_help')}>
        <Segmented
          options={[
            { value: 'everybody', label: say('scope_everybody') },
            { value: 'trait', label: say('scope_trait') },
            { value: 'segment', label: say('scope_segment') },
            ...(hasKeptScope ? [{ value: 'kept', label: say('scope_kept') }] : []),
          ]}
        />
      </Form.Item>
      {fields.scopeKind === 'segment' ? (
        <Form.Item name="segmentId" label={say('field_segment')} extra={say('field_segment_help')} rules={needed}>
          <Select
            showSearch={{ optionFilterProp: 'label' }}
            loading={segments.isLoading}
            notFoundContent={say('segments_none')}
            options={(segments.data?.segments ?? [])
              .filter(({ active }) => active)
              .map(({ segmentId, name }) => ({ value: segmentId, label: name }))}
          />
        </Form.Item>
      ) : null}
      {fields.scopeKind === 'trait' ? (
        <div className="dormancy-fields">
          <Form.Item name="trait" label={say('field_trait')} rules={needed}>
            <Input placeholder={shared('trait_example')} />
          </Form.Item>
          <Form.Item name="equals" label={say('field_equals')} rules={needed}>
            <Input />
          </Form.Item>
        </div>
      ) : null}
    </>
  );
}

function RuleFields({ fields }: { readonly fields: Fields }) {
  const say = useWords();
  switch (fields.kind) {
    case 'window':
      return (
        <>
          <Amount name="coolingDays" label={say('field_cooling')} below="dormantDays" />
          <Amount name="dormantDays" label={say('field_dormant')} min={2} below="lostDays" />
          <Amount name="lostDays" label={say('field_lost')} />
        </>
      );
    case 'cadence':
      return (
        <>
          <Amount name="multiplier" label={say('field_multiplier')} max={20} step={0.1} />
          <Amount name="minDays" label={say('field_min')} min={2} below="maxDays" orEqual />
          <Amount name="maxDays" label={say('field_max')} />
          <Amount name="lostMultiplier" label={say('field_lost_multiplier')} min={1.5} max={20} step={0.1} />
          <Amount name="shrinkage" label={say('field_shrinkage')} min={0} max={100} step={0.1} />
        </>
      );
    case 'predicted':
      return (
        <>
          <Amount name="horizonDays" label={say('field_horizon')} max={365} />
          <Amount name="coolingBelow" label={say('field_cooling_below')} min={0.1} max={99.9} step={0.1} />
          <Amount
            name="dormantBelow"
            label={say('field_dormant_below')}
            min={0.1}
            max={99.9}
            step={0.1}
            below="coolingBelow"
          />
          <Amount
            name="lostBelow"
            label={say('field_lost_below')}
            min={0.1}
            max={99.9}
            step={0.1}
            below="dormantBelow"
          />
          <Amount name="minDays" label={say('field_min')} min={2} below="maxDays" orEqual />
          <Amount name="maxDays" label={say('field_max')} max={3_649} />
          <Amount name="fallbackDays" label={say('field_fallback')} min={2} max={3_649} />
        </>
      );
  }
}

type AmountProps = {
  readonly name: keyof Fields;
  readonly label: string;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  /** The field that it must stay below. */
  readonly below?: keyof Fields;
  readonly orEqual?: boolean;
};

function Amount({ name, label, min = 1, max = 3_650, step = 1, below, orEqual = false }: AmountProps) {
  const say = useWords();
  return (
    <Form.Item
      name={name}
      label={label}
      {...(below === undefined ? {} : { dependencies: [below] })}
      rules={[
        { required: true, message: say('needed') },
        ({ getFieldValue }) => ({
          validator: (_, value: number) => {
            const most = below === undefined ? undefined : (getFieldValue(below) as number | undefined);
            const isFine = most === undefined || value < most || (orEqual && value === most);
            return isFine ? Promise.resolve() : Promise.reject(new Error(say('must_be_below', { n: most })));
          },
        }),
      ]}
    >
      <InputNumber min={min} max={max} step={step} className="dormancy-number" />
    </Form.Item>
  );
}
