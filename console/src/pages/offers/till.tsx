// Somebody stands at the till with a code: is it good, for what, and is it used up by this order?
import { Alert, Button, Form, Input } from 'antd';
import { useState } from 'react';
import type { GrantRow } from '../../../../src/http/contract/offers.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { useMay } from '../../session/session.tsx';
import { useTermsText } from './terms-text.ts';
import { useWords } from './words.ts';

export function Till() {
  const say = useWords();
  const [code, setCode] = useState('');
  return (
    <Section title={say('till')} text={say('till_text')}>
      <Form<{ readonly code: string }>
        layout="inline"
        className="offers-till"
        onFinish={({ code: given }) => setCode(given.trim())}
      >
        <Form.Item name="code" rules={[{ required: true, message: say('till_code_none') }]}>
          <Input aria-label={say('column_code')} placeholder={say('column_code')} autoComplete="off" maxLength={100} />
        </Form.Item>
        <Button htmlType="submit">{say('till_check')}</Button>
      </Form>
      {code === '' ? null : <Code key={code} code={code} />}
    </Section>
  );
}

function Code({ code }: { readonly code: string }) {
  const say = useWords();
  const format = useFormat();
  const termsText = useTermsText();
  const mayRedeem = useMay()('offers.write');
  const found = useApi('GET /grants/{code}', { params: { code } });
  const redeem = useAct('POST /grants/{code}/redeem', [
    'GET /grants/{code}',
    'GET /offers',
    'GET /offers/{offerId}',
    'GET /offers/{offerId}/grants',
  ]);
  if (found.isPending) return <p role="status">{say('till_looking')}</p>;
  if (found.error !== null)
    return (
      <Alert
        type="error"
        showIcon
        title={found.error.code === 'not_found' ? say('till_unknown', { code }) : found.error.message}
      />
    );
  const { grant, terms, isGood } = found.data;
  const whyNot = (row: GrantRow): string =>
    row.state === 'redeemed'
      ? say('till_redeemed', {
          order: row.orderId ?? '–',
          at: row.redeemedAt === null ? '–' : format.instant(row.redeemedAt),
        })
      : say('till_not_good', { state: say(`state_${row.state}`), at: format.instant(row.expiresAt) });
  return (
    <div role="status">
      {redeem.data === undefined ? (
        <Alert
          type={isGood ? 'success' : 'warning'}
          showIcon
          title={isGood ? say('till_good', { terms: termsText(terms) }) : whyNot(grant)}
          description={
            isGood ? say('till_until', { at: format.instant(grant.expiresAt), person: grant.personId }) : null
          }
        />
      ) : (
        <Alert type="success" showIcon title={say('till_done', { order: redeem.data.grant.orderId ?? '' })} />
      )}
      {redeem.error === null ? null : (
        <Alert type="error" showIcon className="offers-alert" title={redeem.error.message} />
      )}
      {isGood && mayRedeem && redeem.data === undefined ? (
        <Form<{ readonly orderId: string }>
          layout="inline"
          className="offers-till"
          onFinish={({ orderId }) => redeem.mutate({ params: { code }, body: { orderId: orderId.trim() } })}
        >
          <Form.Item name="orderId" rules={[{ required: true, whitespace: true, message: say('till_order_none') }]}>
            <Input
              aria-label={say('column_order')}
              placeholder={say('column_order')}
              autoComplete="off"
              maxLength={200}
            />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={redeem.isPending}>
            {say('till_redeem')}
          </Button>
        </Form>
      ) : null}
    </div>
  );
}
