// What happens to whom is not left alone: messages in variants, waits between them, an offer where one is needed.
import { Button, Input, InputNumber, Select } from 'antd';
import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import type {
  MessageStep,
  ProgrammeBody,
  ProgrammeChoices,
  ProgrammeStep,
  ProgrammeVariant,
} from '../../../../src/http/contract/programmes.ts';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { useTerms } from '../../words/terms.ts';
import { changeStep, freeKey, messageStep, moveStep, removeStep } from './draft-state.ts';
import { Field } from './field.tsx';
import { useWords } from './words.ts';

type StepsProps = {
  readonly body: ProgrammeBody;
  readonly choices: ProgrammeChoices;
  readonly set: (to: ProgrammeBody, field: string) => void;
};

export function StepFields({ body, choices, set }: StepsProps) {
  const say = useWords();
  const email = choices.templates.find(({ kind }) => kind === 'email')?.templateId ?? '';
  const add = (step: ProgrammeStep): void => set({ ...body, steps: [...body.steps, step] }, '');
  return (
    <Section title={say('steps')} text={say('steps_text')}>
      <ol className="programmes-steps">
        {body.steps.map((step, at) => (
          // A step is known by its place.
          <li key={at}>
            <header>
              <h3>{step.kind === 'wait' ? say('step_wait') : say('step_message')}</h3>
              <span className="programmes-step-tools">
                <Button
                  type="text"
                  icon={<ArrowUpOutlined />}
                  aria-label={say('move_up', { n: at + 1 })}
                  disabled={at === 0}
                  onClick={() => set(moveStep(body, at, -1), '')}
                />
                <Button
                  type="text"
                  icon={<ArrowDownOutlined />}
                  aria-label={say('move_down', { n: at + 1 })}
                  disabled={at === body.steps.length - 1}
                  onClick={() => set(moveStep(body, at, 1), '')}
                />
                <Button
                  type="text"
                  danger
                  icon={<DeleteOutlined />}
                  aria-label={say('remove', { n: at + 1 })}
                  disabled={body.steps.length === 1}
                  onClick={() => set(removeStep(body, at), '')}
                />
              </span>
            </header>
            {step.kind === 'wait' ? (
              <Field id={`wait-${at}`} label={say('field_wait')}>
                <InputNumber
                  id={`wait-${at}`}
                  min={1}
                  max={365}
                  value={step.days}
                  onChange={(days) =>
                    set(
                      changeStep(body, at, () => ({ kind: 'wait', days: days ?? 1 })),
                      `wait-${at}`,
                    )
                  }
                />
              </Field>
            ) : (
              <MessageFields
                at={at}
                step={step}
                choices={choices}
                change={(next, field) =>
                  set(
                    changeStep(body, at, () => next),
                    field,
                  )
                }
              />
            )}
          </li>
        ))}
      </ol>
      <div className="programmes-add">
        <Button icon={<PlusOutlined />} onClick={() => add(messageStep(email))}>
          {say('add_message')}
        </Button>
        <Button icon={<PlusOutlined />} onClick={() => add({ kind: 'wait', days: 7 })}>
          {say('add_wait')}
        </Button>
      </div>
    </Section>
  );
}

type MessageProps = {
  readonly at: number;
  readonly step: MessageStep;
  readonly choices: ProgrammeChoices;
  readonly change: (step: MessageStep, field: string) => void;
};

const channelsOf = (step: MessageStep): readonly string[] =>
  step.channels ?? (step.channel === undefined ? [] : [step.channel]);

/** One channel is a channel, several are a list of them in order; variants get a template for each. */
function withChannels(step: MessageStep, channels: readonly string[], choices: ProgrammeChoices): MessageStep {
  const { channel: _channel, channels: _channels, ...rest } = step;
  const kindOf = (channel: string): string | undefined =>
    choices.channels.find((each) => each.channel === channel)?.templateKind;
  const fits = (templateId: string | undefined, channel: string): boolean =>
    choices.templates.some((template) => template.templateId === templateId && template.kind === kindOf(channel));
  const first = (channel: string): string =>
    choices.templates.find(({ kind }) => kind === kindOf(channel))?.templateId ?? '';
  const templated = (variant: ProgrammeVariant): ProgrammeVariant => {
    const chosen = (channel: string): string => {
      const had = variant.templateIds?.[channel] ?? variant.templateId;
      return fits(had, channel) ? (had ?? '') : first(channel);
    };
    const { templateId: _id, templateIds: _ids, ...others } = variant;
    return channels.length === 1
      ? { ...others, templateId: chosen(channels[0]!) }
      : { ...others, templateIds: Object.fromEntries(channels.map((channel) => [channel, chosen(channel)])) };
  };
  const variants = step.variants.map(templated);
  return channels.length === 1 ? { ...rest, channel: channels[0]!, variants } : { ...rest, channels, variants };
}

function MessageFields({ at, step, choices, change }: MessageProps) {
  const say = useWords();
  const term = useTerms();
  const format = useFormat();
  const channels = channelsOf(step);
  const setVariant = (index: number, variant: ProgrammeVariant, field: string): void =>
    change({ ...step, variants: step.variants.map((each, i) => (i === index ? variant : each)) }, field);
  return (
    <>
      <div className="programmes-form">
        <Field
          id={`channels-${at}`}
          label={say('field_channels')}
          help={channels.length > 1 ? say('field_channels_help') : undefined}
        >
          <Select
            id={`channels-${at}`}
            mode="multiple"
            className="programmes-wide"
            value={[...channels]}
            onChange={(next: string[]) =>
              next.length === 0 ? undefined : change(withChannels(step, next, choices), '')
            }
            options={choices.channels.map(({ channel }) => ({ value: channel, label: term('channel', channel) }))}
          />
        </Field>
        <Field id={`valid-${at}`} label={say('field_hours')}>
          <InputNumber
            id={`valid-${at}`}
            min={1}
            max={720}
            value={step.validHours ?? 72}
            onChange={(hours) => change({ ...step, validHours: hours ?? 72 }, `valid-${at}`)}
          />
        </Field>
        <Field id={`cost-${at}`} label={say('field_cost')}>
          <InputNumber
            id={`cost-${at}`}
            prefix={format.currencySymbol}
            min={0}
            step={1 / format.minorUnits}
            value={(step.costCents ?? 0) / format.minorUnits}
            onChange={(cost) =>
              change({ ...step, costCents: Math.round((cost ?? 0) * format.minorUnits) }, `cost-${at}`)
            }
          />
        </Field>
      </div>
      <h4>{say('variants')}</h4>
      <ul className="programmes-variants">
        {step.variants.map((variant, index) => (
          <li key={index}>
            <Field id={`key-${at}-${index}`} label={say('field_key')}>
              <Input
                id={`key-${at}-${index}`}
                value={variant.key}
                maxLength={32}
                onChange={(event) =>
                  setVariant(index, { ...variant, key: event.target.value.toLowerCase() }, `key-${at}-${index}`)
                }
              />
            </Field>
            {channels.map((channel) => (
              <Field
                key={channel}
                id={`template-${at}-${index}-${channel}`}
                label={
                  channels.length > 1
                    ? say('field_template_on', { channel: term('channel', channel) })
                    : say('field_template')
                }
              >
                <Select
                  id={`template-${at}-${index}-${channel}`}
                  className="programmes-wide"
                  value={(channels.length > 1 ? variant.templateIds?.[channel] : variant.templateId) ?? null}
                  onChange={(templateId: string | null) => {
                    if (templateId === null) return;
                    setVariant(
                      index,
                      channels.length > 1
                        ? { ...variant, templateIds: { ...variant.templateIds, [channel]: templateId } }
                        : { ...variant, templateId },
                      '',
                    );
                  }}
                  options={choices.templates
                    .filter(
                      ({ kind }) => kind === choices.channels.find((each) => each.channel === channel)?.templateKind,
                    )
                    .map(({ templateId }) => {
                      const name = term('template', templateId);
                      return {
                        value: templateId,
                        label: name === templateId ? name : say('template_named', { name, id: templateId }),
                      };
                    })}
                  notFoundContent={say('no_templates')}
                />
              </Field>
            ))}
            <Field id={`offer-${at}-${index}`} label={say('field_offer')}>
              <Select
                id={`offer-${at}-${index}`}
                className="programmes-wide"
                allowClear
                placeholder={say('offer_none')}
                value={variant.offerId ?? null}
                onChange={(offerId?: string | null) => setVariant(index, { ...variant, offerId: offerId ?? null }, '')}
                options={choices.offers.map((offer) => ({
                  value: offer.offerId,
                  label: say('offer_left', { name: offer.name, n: format.count(offer.left) }),
                }))}
              />
            </Field>
            <Field id={`share-${at}-${index}`} label={say('field_share')}>
              <InputNumber
                id={`share-${at}-${index}`}
                min={0.1}
                step={0.5}
                value={variant.share ?? 1}
                onChange={(share) => setVariant(index, { ...variant, share: share ?? 1 }, `share-${at}-${index}`)}
              />
            </Field>
            <Button
              type="text"
              danger
              icon={<DeleteOutlined />}
              aria-label={say('remove_variant', { key: variant.key })}
              disabled={step.variants.length === 1}
              onClick={() => change({ ...step, variants: step.variants.filter((_, i) => i !== index) }, '')}
            />
          </li>
        ))}
      </ul>
      <Button
        size="small"
        icon={<PlusOutlined />}
        disabled={step.variants.length >= 20}
        onClick={() =>
          change(
            { ...step, variants: [...step.variants, { ...step.variants[0], key: freeKey(step), offerId: null }] },
            '',
          )
        }
      >
        {say('add_variant')}
      </Button>
    </>
  );
}
