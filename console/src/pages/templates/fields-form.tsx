// The fields of one variant in one language, with what is wrong beside each.
import { Button, Input, InputNumber, Segmented, Select, Switch } from 'antd';
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { useId, type ReactNode } from 'react';
import type { TemplateFinding, TemplateKind, TemplateVariant } from '../../../../src/http/contract/templates.ts';
import { useLanguage } from '../../words/language.ts';
import { fieldOf, fieldsOf, type Field } from './kind-fields.ts';
import { isTree, textAt, valueAt, withValue } from './template-state.ts';
import { useWords } from './words.ts';

type FieldsFormProps = {
  readonly kind: TemplateKind;
  readonly variant: TemplateVariant;
  readonly values: unknown;
  readonly findings: readonly TemplateFinding[];
  readonly isLocked: boolean;
  readonly onChange: (values: unknown) => void;
};

export function FieldsForm({ kind, variant, values, findings, isLocked, onChange }: FieldsFormProps) {
  const fields = fieldsOf(kind, variant, values);
  const beside = Map.groupBy(findings, (found) => fieldOf(kind, found, fields, values));
  return (
    <div className="templates-fields">
      {fields.map((field) => (
        <OneField
          key={field.name}
          field={field}
          value={valueAt(values, field.path)}
          findings={beside.get(field.name) ?? []}
          isLocked={isLocked}
          onChange={(value) => onChange(withValue(values, field.path, value))}
        />
      ))}
    </div>
  );
}

type OneFieldProps = {
  readonly field: Field;
  readonly value: unknown;
  readonly findings: readonly TemplateFinding[];
  readonly isLocked: boolean;
  readonly onChange: (value: unknown) => void;
};

function OneField(props: OneFieldProps) {
  const { field, findings } = props;
  const say = useWords();
  const id = useId();
  return (
    <div className={field.isNarrow === true ? 'templates-field' : 'templates-field templates-field-wide'}>
      <label htmlFor={id} id={`${id}-label`}>
        {say(`field_${field.name}`)}
      </label>
      <Control {...props} id={id} />
      <FindingLines findings={findings} />
    </div>
  );
}

export function FindingLines({ findings }: { readonly findings: readonly TemplateFinding[] }) {
  const say = useWords();
  const language = useLanguage();
  return findings.length === 0 ? null : (
    <ul className="templates-findings">
      {findings.map((found) => (
        <li key={`${found.rule} ${found.detail}`} className={`templates-${found.severity}`}>
          <b>{say(`severity_${found.severity}`)}</b> {found.text[language]}
        </li>
      ))}
    </ul>
  );
}

function Control({
  field,
  value,
  isLocked,
  findings,
  onChange,
  id,
}: OneFieldProps & { readonly id: string }): ReactNode {
  const say = useWords();
  const text = typeof value === 'string' ? value : '';
  const status = findings.some((found) => found.severity === 'error') ? 'error' : findings.length > 0 ? 'warning' : '';
  const shown = { id, disabled: isLocked, status } as const;
  switch (field.input) {
    case 'line':
      return <Input {...shown} value={text} onChange={(event) => onChange(event.target.value)} />;
    case 'long':
      return (
        <Input.TextArea
          {...shown}
          value={text}
          rows={3}
          className="templates-long"
          onChange={(event) => onChange(event.target.value)}
        />
      );
    case 'code':
      return (
        <Input.TextArea
          {...shown}
          value={text}
          spellCheck={false}
          wrap="off"
          className="templates-code"
          rows={18}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    case 'number':
      return (
        <InputNumber
          {...shown}
          min={field.name === 'shows' ? 1 : 0}
          {...(field.max === undefined ? {} : { max: field.max })}
          value={typeof value === 'number' ? value : 0}
          className="templates-full"
          onChange={(next) => onChange(next ?? 0)}
        />
      );
    case 'switch':
      return (
        <div>
          <Switch
            disabled={isLocked}
            id={id}
            checked={value === true}
            onChange={onChange}
            aria-labelledby={`${id}-label`}
          />
        </div>
      );
    case 'choice':
      return (
        <Select
          {...shown}
          className="templates-full"
          value={text === '' ? null : text}
          allowClear={field.name === 'urgency'}
          onChange={(next: string | null | undefined) => onChange(next ?? undefined)}
          options={(field.options ?? []).map((option) => ({
            value: option,
            label: say(`option_${option}` as 'option_low'),
          }))}
        />
      );
    case 'wechat_form':
      return (
        <Segmented
          disabled={isLocked}
          aria-labelledby={`${id}-label`}
          value={isTree(value) && value['text'] === undefined ? 'filed' : 'text'}
          onChange={(next) => onChange(next === 'filed' ? { wechatTemplateId: '', data: {} } : { text: '' })}
          options={[
            { value: 'filed', label: say('wechat_filed') },
            { value: 'text', label: say('wechat_text') },
          ]}
        />
      );
    case 'buttons':
      return <Buttons value={value} isLocked={isLocked} onChange={onChange} />;
    case 'pairs':
      return <Pairs value={value} isLocked={isLocked} onChange={onChange} />;
    case 'provider_templates':
      return <ProviderTemplates value={value} isLocked={isLocked} onChange={onChange} />;
  }
}

type PartProps = Pick<OneFieldProps, 'value' | 'isLocked' | 'onChange'>;
const BUTTONS_MAX = 2;

function Buttons({ value, isLocked, onChange }: PartProps) {
  const say = useWords();
  const buttons = (Array.isArray(value) ? value : []) as readonly { readonly label: string; readonly url: string }[];
  const put = (at: number, part: object): void =>
    onChange(buttons.map((button, each) => (each === at ? { ...button, ...part } : button)));
  return (
    <div className="templates-rows">
      {buttons.map((button, at) => (
        // A button has no identity but its place.
        <div key={at} className="templates-row">
          <Input
            aria-label={say('button_label')}
            placeholder={say('button_label')}
            disabled={isLocked}
            value={button.label}
            onChange={(event) => put(at, { label: event.target.value })}
          />
          <Input
            aria-label={say('button_url')}
            placeholder={say('button_url')}
            disabled={isLocked}
            value={button.url}
            onChange={(event) => put(at, { url: event.target.value })}
          />
          <Remove isLocked={isLocked} onClick={() => onChange(buttons.filter((_, each) => each !== at))} />
        </div>
      ))}
      {isLocked || buttons.length >= BUTTONS_MAX ? null : (
        <Button
          size="small"
          icon={<PlusOutlined />}
          onClick={() => onChange([...buttons, { label: '', url: '{{ brand.url }}' }])}
        >
          {say('button_add')}
        </Button>
      )}
    </div>
  );
}

const Remove = ({ isLocked, onClick }: { readonly isLocked: boolean; readonly onClick: () => void }) => {
  const say = useWords();
  return isLocked ? null : <Button icon={<DeleteOutlined />} aria-label={say('remove')} onClick={onClick} />;
};

/** Names and texts, in the order they were written. */
function Pairs({ value, isLocked, onChange }: PartProps) {
  const say = useWords();
  const pairs = Object.entries(isTree(value) ? value : {}).map(([name, text]) => [name, String(text)] as const);
  const save = (next: readonly (readonly [string, string])[]): void => onChange(Object.fromEntries(next));
  return (
    <div className="templates-rows">
      {pairs.map(([name, text], at) => (
        <div key={at} className="templates-row">
          <Input
            aria-label={say('pair_name')}
            placeholder={say('pair_name')}
            disabled={isLocked}
            value={name}
            onChange={(event) => {
              const next = event.target.value;
              // Two of one name would become one.
              if (!pairs.some(([other], each) => each !== at && other === next))
                save(pairs.map((pair, each) => (each === at ? [next, pair[1]] : pair)));
            }}
          />
          <Input
            aria-label={say('pair_value')}
            placeholder={say('pair_value')}
            disabled={isLocked}
            value={text}
            onChange={(event) => save(pairs.map((pair, each) => (each === at ? [pair[0], event.target.value] : pair)))}
          />
          <Remove isLocked={isLocked} onClick={() => save(pairs.filter((_, each) => each !== at))} />
        </div>
      ))}
      {isLocked || pairs.some(([name]) => name === '') ? null : (
        <Button size="small" icon={<PlusOutlined />} onClick={() => save([...pairs, ['', '']])}>
          {say('pair_add')}
        </Button>
      )}
    </div>
  );
}

const PROVIDERS = ['aliyun', 'tencent', 'twilio', 'http'] as const;

/** Providers that take only filed templates: under which number this text is filed with each. */
function ProviderTemplates({ value, isLocked, onChange }: PartProps) {
  const say = useWords();
  const filed = isTree(value) ? value : {};
  const missing = PROVIDERS.filter((name) => filed[name] === undefined);
  return (
    <div className="templates-rows">
      {Object.entries(filed).map(([provider, entry]) => (
        <div key={provider} className="templates-filed">
          <div className="templates-row">
            <b>{provider}</b>
            <Input
              aria-label={say('filed_id')}
              placeholder={say('filed_id')}
              disabled={isLocked}
              value={textAt(entry, 'id')}
              onChange={(event) => onChange(withValue(filed, [provider, 'id'], event.target.value))}
            />
            <Remove
              isLocked={isLocked}
              onClick={() => {
                const { [provider]: _gone, ...rest } = filed;
                onChange(Object.keys(rest).length === 0 ? undefined : rest);
              }}
            />
          </div>
          <Pairs
            value={valueAt(entry, ['params'])}
            isLocked={isLocked}
            onChange={(params) => onChange(withValue(filed, [provider, 'params'], params))}
          />
        </div>
      ))}
      {isLocked || missing.length === 0 ? null : (
        <Select<string | null>
          size="small"
          aria-label={say('filed_add')}
          placeholder={say('filed_add')}
          value={null}
          className="templates-filed-add"
          options={missing.map((name) => ({ value: name, label: name }))}
          onChange={(name) => {
            if (name !== null) onChange({ ...filed, [name]: { id: '', params: {} } });
          }}
        />
      )}
    </div>
  );
}
