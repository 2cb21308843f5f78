// One offer: its figures, its redemptions by day, and to whom it went.
import { Alert, Select } from 'antd';
import { useMemo, useState } from 'react';
import { Link, useParams } from 'react-router';
import type { GrantState, OfferOperations } from '../../../../src/http/contract/offers.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { Chart, FigureTable } from '../../chart/chart.tsx';
import { ConfirmButton } from '../../form/confirm-button.tsx';
import { useFormat } from '../../format/use-format.ts';
import { Figure, PageFrame, Section } from '../../frame/page-frame.tsx';
import { ShareBar } from '../../frame/share-bar.tsx';
import { Empty, Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useTheme } from '../../theme/theme-choice.tsx';
import { useTerms } from '../../words/terms.ts';
import { useTermsText } from './terms-text.ts';
import { useWords } from './words.ts';
import './offers.css';

type Detail = OfferOperations['GET /offers/{offerId}']['answer'];

const GRANT_STATES = ['reserved', 'issued', 'redeemed', 'expired', 'revoked'] as const satisfies readonly GrantState[];
const GRANTS_SHOWN = 200;

export function OfferDetail() {
  const say = useWords();
  const { offerId = '' } = useParams();
  const mayWrite = useMay()('offers.write');
  const offer = useApi('GET /offers/{offerId}', { params: { offerId } });
  const close = useAct('POST /offers/{offerId}/close', ['GET /offers', 'GET /offers/{offerId}']);
  const name = offer.data?.offer.name ?? offerId;
  return (
    <PageFrame
      title={say('title')}
      question={name}
      intro={
        <Link to="/offers" className="offers-back">
          {say('all')}
        </Link>
      }
      actions={
        mayWrite && offer.data?.closedAt === null ? (
          <ConfirmButton
            label={say('close')}
            question={say('close_question')}
            text={say('close_text')}
            loading={close.isPending}
            onConfirm={() => close.mutate({ params: { offerId } })}
          />
        ) : undefined
      }
    >
      {close.isError ? <Alert type="error" showIcon title={close.error.message} /> : null}
      <Loaded query={offer}>{(data) => <Figures data={data} />}</Loaded>
      <Grants offerId={offerId} />
    </PageFrame>
  );
}

function Figures({ data }: { readonly data: Detail }) {
  const say = useWords();
  const format = useFormat();
  const term = useTerms();
  const termsText = useTermsText();
  const { palette } = useTheme();
  const { offer, redemptions } = data;
  const option = useMemo(
    () => ({
      legend: { show: false },
      grid: { left: 8, right: 16, top: 12, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      tooltip: { trigger: 'axis' },
      xAxis: {
        type: 'category',
        data: redemptions.map(({ day }) => day),
        axisLabel: { formatter: (day: string) => format.day(day) },
      },
      yAxis: { type: 'value', minInterval: 1 },
      series: [
        {
          type: 'bar',
          name: say('redeemed'),
          data: redemptions.map(({ redeemed }) => redeemed),
          itemStyle: { color: palette.accent, borderRadius: [3, 3, 0, 0] },
          barMaxWidth: 24,
        },
      ],
    }),
    [redemptions, format, palette, say],
  );
  return (
    <>
      <div className="figures">
        <Figure
          tone="accent"
          label={say('liability')}
          value={format.money(data.liabilityCents)}
          note={say('liability_note', { n: format.count(data.open) })}
        />
        <Figure
          label={say('spent')}
          value={format.money(data.spentCents)}
          note={say('spent_note', { n: format.count(data.redeemed) })}
        />
        <Figure
          label={say('expiring')}
          value={format.count(data.expiringSoon)}
          note={say('expired_note', { n: format.count(data.expired) })}
        />
      </div>
      <Section title={term('offer_kind', offer.terms.kind)} text={termsText(offer.terms)}>
        <div className="offers-bars">
          <ShareBar
            label={say('given')}
            part={data.granted}
            whole={offer.capacity}
            text={say('of', { part: format.count(data.granted), whole: format.count(offer.capacity) })}
          />
          <ShareBar
            label={say('budget')}
            part={data.committedCents}
            whole={offer.budgetCents}
            text={say('of', { part: format.money(data.committedCents), whole: format.money(offer.budgetCents) })}
          />
        </div>
      </Section>
      <Section title={say('by_day')} text={say('by_day_text')}>
        {redemptions.length === 0 ? (
          <Empty title={say('by_day_none')} />
        ) : (
          <Chart
            label={say('by_day')}
            option={option}
            height={220}
            table={{
              columns: [
                { title: say('column_day') },
                { title: say('redeemed'), align: 'right' },
                { title: say('column_cost'), align: 'right' },
              ],
              rows: redemptions.map(({ day, redeemed, costCents }) => [
                format.day(day),
                format.count(redeemed),
                format.money(costCents),
              ]),
            }}
          />
        )}
      </Section>
    </>
  );
}

function Grants({ offerId }: { readonly offerId: string }) {
  const say = useWords();
  const format = useFormat();
  const [state, choose] = useState<GrantState>();
  const grants = useApi(
    'GET /offers/{offerId}/grants',
    { params: { offerId }, query: { limit: GRANTS_SHOWN, ...(state === undefined ? {} : { state }) } },
    { keepPrevious: true },
  );
  return (
    <Section
      title={say('grants')}
      text={say('grants_text', { n: GRANTS_SHOWN })}
      actions={
        <Select<GrantState>
          aria-label={say('column_state')}
          placeholder={say('column_state')}
          allowClear
          value={state ?? null}
          onChange={(value?: GrantState) => choose(value)}
          options={GRANT_STATES.map((value) => ({ value, label: say(`state_${value}`) }))}
          className="offers-filter"
        />
      }
    >
      <Loaded
        query={grants}
        empty={{ when: (data) => data.grants.length === 0, show: <Empty title={say('grants_none')} /> }}
      >
        {(data) => (
          <div className="offers-scroll" tabIndex={0} role="region" aria-label={say('grants')}>
            <FigureTable
              label={say('grants')}
              table={{
                columns: [
                  { title: say('column_code') },
                  { title: say('column_person') },
                  { title: say('column_state') },
                  { title: say('column_until') },
                  { title: say('column_cost'), align: 'right' },
                  { title: say('column_order') },
                ],
                rows: data.grants.map((grant) => [
                  <code key="code">{grant.code}</code>,
                  <Link key="person" to={`/people/${encodeURIComponent(grant.personId)}`}>
                    {grant.personId}
                  </Link>,
                  say(`state_${grant.state}`),
                  format.instant(grant.expiresAt),
                  format.money(grant.costCents),
                  grant.orderId ?? '',
                ]),
              }}
            />
          </div>
        )}
      </Loaded>
    </Section>
  );
}
