// Is there money in the records that would silently become another sum if the business changed its currency? Budgets, discounts and costs are
// numbers of minor units without a currency of their own.
import { sql } from 'kysely';
import { RekindleError } from '../../kernel/errors.ts';
import type { RecordsDb } from '../../stores/records/records.ts';

type Books = {
  readonly offers: number;
  readonly grants: number;
  readonly messages: number;
  readonly programmes: number;
};

const booksOf = async (db: RecordsDb): Promise<Books> => {
  const { rows } = await sql<Books>`
    SELECT (SELECT count(*)::int FROM offers WHERE closed_at IS NULL AND budget_cents > 0) AS offers,
      (SELECT count(*)::int FROM grants WHERE cost_cents > 0) AS grants,
      (SELECT count(*)::int FROM messages WHERE cost_cents > 0) AS messages,
      (SELECT count(*)::int FROM programmes WHERE state IN ('running', 'paused')
        AND jsonb_path_exists(definition, '$.**.costCents ? (@ > 0)')) AS programmes`.execute(db);
  return rows[0]!;
};

/** Throws `conflict` where the currency cannot be changed any more: naming what is in the way. */
export async function assertCurrencyMayChange(db: RecordsDb, from: string): Promise<void> {
  const { offers, grants, messages, programmes } = await booksOf(db);
  const spent = grants + messages;
  const en = [
    ...(offers > 0 ? [`${offers} open offers with a budget`] : []),
    ...(programmes > 0 ? [`${programmes} programmes whose messages cost something`] : []),
    ...(spent > 0 ? [`${spent} grants and messages that cost something`] : []),
  ];
  const zh = [
    ...(offers > 0 ? [`${offers} 个有预算且未关闭的激励`] : []),
    ...(programmes > 0 ? [`${programmes} 个消息有成本的唤醒计划`] : []),
    ...(spent > 0 ? [`${spent} 条有成本的发放与消息`] : []),
  ];
  if (en.length === 0) return;
  throw new RekindleError('conflict', {
    what: {
      en: `The currency cannot be changed: ${en.join(', ')} are recorded in ${from}.${spent === 0 ? ' Close or end them first.' : ' Orders in other currencies count with a rate in the profile.'}`,
      zh: `无法更改币种：已有 ${zh.join('、')} 以 ${from} 记账。${spent === 0 ? '请先关闭或结束它们。' : '其他币种的订单可在企业资料中设置汇率后计入金额。'}`,
    },
  });
}
