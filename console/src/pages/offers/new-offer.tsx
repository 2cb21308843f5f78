// A new offer: what kind, its terms, how many and how much money. What was promised does not change afterwards.
import { Form, Input, InputNumber, Segmented } from 'antd';
import { useMemo } from 'react';
import { Link, useNavigate } from 'react-router';
import type { OfferBody, OfferKind, OfferTerms } from '../../../../src/http/contract/offers.ts';
import { useAct } from '../../api/queries.ts';
import { DraftForm } from '../../form/draft-form.tsx';
import { useFormat } from '../../format/use-format.ts';
import { PageFrame, Section } from '../../frame/page-frame.tsx';
import { useTermOptions } from '../../words/terms.ts';
import { useWords } from './words.ts';
import './offers.css';

type Fields = {
  kind: OfferKind;
  name: string;
  offerId: string;
  budget: number;
  capacity: number;
  perPersonLimit: number;
  validDays: number;
  percentOff?: number | null;
  amountOff?: number | null;
  maxDiscount?: number | null;
  points?: number | null;
  multiplier?: number | null;
  bonusPointsMax?: number | null;
  centsPer100Points?: number | null;
  en?: string;
  zh?: string;
  days?: number | null;
  cost?: number | null;
};

const INITIAL: Fields = {
  kind: 'coupon',
  name: '',
  offerId: '',
  budget: 1_000,
  capacity: 500,
  perPersonLimit: 1,
  validDays: 30,
  percentOff: 15,
  maxDiscount: 20,
  points: 500,
  multiplier: 1,
  bonusPointsMax: 0,
  centsPer100Points: 100,
  days: 30,
  cost: 5,
};

type Cents = (amount: number | null | undefined) => number;
const centsIn =
  (minorUnits: number): Cents =>
  (amount) =>
    Math.round((amount ?? 0) * minorUnits);

function termsOf(fields: Fields, cents: Cents): OfferTerms {
  const { kind, validDays } = fields;
  const words = { en: fields.en ?? '', zh: fields.zh ?? '' };
  switch (kind) {
    case 'coupon':
      return {
        kind,
        validDays,
        maxDiscountCents: cents(fields.maxDiscount),
        ...(fields.percentOff ? { percentOff: fields.percentOff } : { amountOffCents: cents(fields.amountOff) }),
      };
    case 'points':
      return {
        kind,
        validDays,
        points: fields.points ?? 0,
        multiplier: fields.multiplier ?? 1,
        bonusPointsMax: fields.bonusPointsMax ?? 0,
        centsPer100Points: fields.centsPer100Points ?? 0,
      };
    case 'benefit':
      return { kind, validDays, benefit: words, benefitDays: fields.days ?? 0, costCents: cents(fields.cost) };
    case 'trial':
      return { kind, validDays, product: words, trialDays: fields.days ?? 0, costCents: cents(fields.cost) };
    case 'exclusive':
      return { kind, validDays, title: words, costCents: cents(fields.cost) };
  }
}

const bodyOf = (fields: Fields, cents: Cents): OfferBody => ({
  offerId: fields.offerId,
  name: fields.name,
  terms: termsOf(fields, cents),
  budgetCents: cents(fields.budget),
  capacity: fields.capacity,
  perPersonLimit: fields.perPersonLimit,
});

/** The most that one piece may cost, in cents: what each holds of the budget until it is settled. */
function unitCents(fields: Fields, cents: Cents): number {
  switch (fields.kind) {
    case 'coupon':
      return cents(fields.maxDiscount);
    case 'points':
      return Math.ceil((((fields.points ?? 0) + (fields.bonusPointsMax ?? 0)) * (fields.centsPer100Points ?? 0)) / 100);
    case 'benefit':
    case 'trial':
    case 'exclusive':
      return cents(fields.cost);
  }
}

/** How many pieces the money and the number allow. */
const reachOf = (fields: Fields, cents: Cents): number => {
  const unit = unitCents(fields, cents);
  return unit === 0 ? fields.capacity : Math.min(fields.capacity, Math.floor(cents(fields.budget) / unit));
};

export function NewOffer() {
  const say = useWords();
  const format = useFormat();
  const navigate = useNavigate();
  const create = useAct('POST /offers', ['GET /offers']);
  const [form] = Form.useForm<Fields>();
  const initial = useMemo(() => ({ ...INITIAL }), []);
  return (
    <PageFrame
      title={say('title')}
      question={say('new_question')}
      intro={
        <Link to="/offers" className="offers-back">
          {say('all')}
        </Link>
      }
    >
      <Section>
        <DraftForm
          draft="offer:new"
          form={form}
          initial={initial}
          save={create}
          saveWord={say('create')}
          actOf={(fields) => ({ body: bodyOf(fields, centsIn(format.minorUnits)) })}
          onSaved={(offer) => void navigate(`/offers/${offer.offerId}`)}
        >
          <OfferFields />
        </DraftForm>
      </Section>
    </PageFrame>
  );
}

function OfferFields() {
  const say = useWords();
  const format = useFormat();
  const kinds = useTermOptions('offer_kind');
  const form = Form.useFormInstance<Fields>();
  const cents = centsIn(format.minorUnits);
  const fields = { ...INITIAL, ...(Form.useWatch([], form) as Partial<Fields> | undefined) };
  return (
    <>
      <Form.Item name="kind" label={say('field_kind')} rules={[{ required: true }]}>
        <Segmented options={[...kinds]} className="offers-kinds" />
      </Form.Item>
      <div className="offers-form">
        <Form.Item name="name" label={say('field_name')} rules={[{ required: true, message: say('needed') }]}>
          <Input maxLength={200} placeholder={say('field_name_example')} />
        </Form.Item>
        <Form.Item
          name="offerId"
          label={say('field_id')}
          extra={say('field_id_help')}
          rules={[{ required: true, pattern: /^[a-z0-9][a-z0-9-]{1,63}$/, message: say('field_id_wrong') }]}
        >
          <Input placeholder={say('field_id_example')} />
        </Form.Item>
      </div>
      <div className="offers-form">
        <KindFields fields={fields} />
        <Amount name="validDays" label={say('field_valid')} min={1} max={365} />
      </div>
      <div className="offers-form">
        <Amount name="budget" label={say('field_budget')} min={0} unit="money" />
        <Amount name="capacity" label={say('field_capacity')} min={1} />
        <Amount name="perPersonLimit" label={say('field_limit')} min={1} max={100} />
      </div>
      <p className="offers-reach" role="status">
        {say('reach', { n: format.count(reachOf(fields, cents)), unit: format.money(unitCents(fields, cents)) })}
      </p>
    </>
  );
}

function KindFields({ fields }: { readonly fields: Fields }) {
  const say = useWords();
  switch (fields.kind) {
    case 'coupon':
      return (
        <>
          <Amount name="percentOff" label={say('field_percent')} min={1} max={100} unit="percent" optional />
          {fields.percentOff ? null : <Amount name="amountOff" label={say('field_amount')} min={0.01} unit="money" />}
          <Amount name="maxDiscount" label={say('field_max_discount')} min={0.01} unit="money" />
        </>
      );
    case 'points':
      return (
        <>
          <Amount name="points" label={say('field_points')} min={0} />
          <Amount name="multiplier" label={say('field_multiplier')} min={1} max={10} />
          {(fields.multiplier ?? 1) > 1 ? (
            <Amount name="bonusPointsMax" label={say('field_bonus_max')} min={1} />
          ) : null}
          <Amount name="centsPer100Points" label={say('field_point_cost')} min={1} />
        </>
      );
    case 'benefit':
    case 'trial':
    case 'exclusive':
      return (
        <>
          <Form.Item name="en" label={say('field_what_en')} rules={[{ required: true, message: say('needed') }]}>
            <Input maxLength={200} lang="en" />
          </Form.Item>
          <Form.Item name="zh" label={say('field_what_zh')} rules={[{ required: true, message: say('needed') }]}>
            <Input maxLength={200} lang="zh-CN" />
          </Form.Item>
          {fields.kind === 'exclusive' ? null : <Amount name="days" label={say('field_days')} min={1} max={365} />}
          <Amount name="cost" label={say('field_cost')} min={0} unit="money" />
        </>
      );
  }
}

type AmountProps = {
  readonly name: keyof Fields;
  readonly label: string;
  readonly min: number;
  readonly max?: number;
  readonly optional?: boolean;
  readonly unit?: 'money' | 'percent';
};

function Amount({ name, label, min, max, optional = false, unit }: AmountProps) {
  const say = useWords();
  const format = useFormat();
  const sign = unit === 'money' ? { prefix: format.currencySymbol } : unit === 'percent' ? { suffix: '%' } : {};
  return (
    <Form.Item name={name} label={label} rules={optional ? [] : [{ required: true, message: say('needed') }]}>
      <InputNumber min={min} {...(max === undefined ? {} : { max })} {...sign} className="offers-number" />
    </Form.Item>
  );
}
