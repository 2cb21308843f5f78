// As whom do we write? The profile that every mail, day boundary and amount depends on.
import { Alert, Button, Form, Input, InputNumber, Select } from 'antd';
import { useState } from 'react';
import type { BusinessWire } from '../../../../src/http/contract/business.ts';
import { useAct, useVersioned } from '../../api/queries.ts';
import { DayField } from '../../form/day-field.tsx';
import { DraftForm } from '../../form/draft-form.tsx';
import { Section } from '../../frame/page-frame.tsx';
import { Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useWords } from './words.ts';

const BUCKETS_PER_PERCENT = 100;
const ZONES = Intl.supportedValuesOf('timeZone').map((zone) => ({ value: zone, label: zone }));
const CURRENCIES = Intl.supportedValuesOf('currency').map((code) => ({ value: code, label: code }));
const LANGUAGES = [
  { value: 'en', label: 'English' },
  { value: 'zh', label: '中文' },
];

export function BusinessProfile() {
  const say = useWords();
  const may = useMay();
  const business = useVersioned('GET /business');
  const save = useAct('PATCH /business', [
    'GET /business',
    'GET /session',
    'GET /overview',
    'GET /programmes/{programmeId}/start-check',
  ]);
  const [restartFor, setRestartFor] = useState<readonly string[]>([]);
  const isLocked = !may('business.write');
  return (
    <Section title={say('place_business')} text={say('business_text')}>
      <Loaded query={business}>
        {({ value, version }) => (
          <DraftForm<
            BusinessWire,
            { readonly restartFor: readonly string[] },
            { body: Partial<BusinessWire>; ifMatch?: string }
          >
            draft="business"
            initial={value}
            version={version}
            save={save}
            isLocked={isLocked}
            reload={() => void business.refetch()}
            onSaved={(answer) => setRestartFor(answer.restartFor)}
            actOf={({ postalAddress, ...fields }, ifMatch) => ({
              // An address that nobody has said yet is not a change to none.
              body: postalAddress || value.postalAddress ? { ...fields, postalAddress } : fields,
              ...(ifMatch === undefined ? {} : { ifMatch }),
            })}
          >
            {restartFor.length > 0 ? (
              <Alert
                type="info"
                showIcon
                className="form-alert"
                title={say('restart', { fields: restartFor.join(', ') })}
              />
            ) : null}
            <div className="fields">
              <Form.Item name="brand" label={say('brand')} rules={[{ required: true, max: 100 }]}>
                <Input />
              </Form.Item>
              <Form.Item name="websiteUrl" label={say('website')} rules={[{ required: true, type: 'url' }]}>
                <Input inputMode="url" />
              </Form.Item>
              <Form.Item
                name="postalAddress"
                label={say('address')}
                extra={say('address_help')}
                // Whoever has none yet may save the rest; the server takes no empty one, and sends nothing without one.
                required
                rules={[{ max: 300 }]}
              >
                <Input.TextArea rows={2} placeholder={say('address_missing')} />
              </Form.Item>
              <Form.Item
                name="fromAddress"
                label={say('from')}
                extra={say('from_help')}
                rules={[{ required: true, type: 'email' }]}
              >
                <Input inputMode="email" />
              </Form.Item>
              <Form.Item name="timeZone" label={say('zone')} extra={say('zone_help')}>
                <Select showSearch options={ZONES} />
              </Form.Item>
              <Form.Item name="currency" label={say('currency')}>
                <Select showSearch options={CURRENCIES} />
              </Form.Item>
              <Rates isLocked={isLocked} />
              <Form.Item name="defaultLanguage" label={say('customer_language')} extra={say('customer_language_help')}>
                <Select options={LANGUAGES} />
              </Form.Item>
              <Form.Item
                name="marginShare"
                label={say('margin')}
                extra={say('margin_help')}
                // In the form a percentage, on the wire a share.
                getValueProps={(share: number) => ({ value: Math.round(share * 10_000) / 100 })}
                normalize={(percent: number | null) => Math.round((percent ?? 0) * 100) / 10_000}
              >
                <InputNumber min={0} max={100} step={5} suffix="%" className="wide" />
              </Form.Item>
              <Form.Item
                name="globalControlBuckets"
                label={say('global_control')}
                extra={say('global_control_help')}
                // In the form a percentage, on the wire buckets of ten thousand.
                getValueProps={(buckets: number) => ({ value: buckets / BUCKETS_PER_PERCENT })}
                normalize={(percent: number | null) => Math.round((percent ?? 0) * BUCKETS_PER_PERCENT)}
              >
                <InputNumber min={0} max={20} step={0.5} suffix="%" className="wide" />
              </Form.Item>
              <Form.Item
                name="publicUrl"
                label={say('public_url')}
                extra={say('public_url_help')}
                rules={[{ required: true, type: 'url' }]}
              >
                <Input inputMode="url" />
              </Form.Item>
            </div>
          </DraftForm>
        )}
      </Loaded>
    </Section>
  );
}

type RateDayProps = {
  readonly label: string;
  /** Both are the form's. */
  readonly value?: string | undefined;
  readonly onChange?: (day: string | undefined) => void;
};

const RateDay = ({ label, value, onChange }: RateDayProps) => (
  <DayField label={label} value={value} onChange={(day) => onChange?.(day)} isNeeded />
);

/** What other currencies are worth: a row per currency and first day. */
function Rates({ isLocked }: { readonly isLocked: boolean }) {
  const say = useWords();
  return (
    <Form.Item label={say('rates')} extra={say('rates_help')} className="rates">
      <Form.List name="rates">
        {(rows, { add, remove }) => (
          <>
            {rows.map(({ key, name }) => (
              <div key={key} className="rate-row">
                <Form.Item name={[name, 'currency']} rules={[{ required: true }]} noStyle>
                  <Select
                    showSearch
                    options={CURRENCIES}
                    aria-label={say('rate_currency')}
                    placeholder={say('rate_currency')}
                  />
                </Form.Item>
                <Form.Item name={[name, 'from']} rules={[{ required: true }]} noStyle>
                  <RateDay label={say('rate_from')} />
                </Form.Item>
                <Form.Item name={[name, 'rate']} rules={[{ required: true }]} noStyle>
                  <InputNumber min={0} className="wide" aria-label={say('rate_rate')} placeholder={say('rate_rate')} />
                </Form.Item>
                <Button onClick={() => remove(name)} disabled={isLocked}>
                  {say('rate_remove')}
                </Button>
              </div>
            ))}
            <Button onClick={() => add()} disabled={isLocked}>
              {say('rate_add')}
            </Button>
          </>
        )}
      </Form.List>
    </Form.Item>
  );
}
