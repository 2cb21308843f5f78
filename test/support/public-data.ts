// Loads the public data sets straight into the events store with the engine's own reader (the product's importer is tested elsewhere).
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { p, sql } from '../../src/kernel/sql.ts';
import type { Events } from '../../src/stores/events/events.ts';

export const DATA_FOLDER = resolve(process.env['REKINDLE_DATA'] ?? join(import.meta.dirname, '../../../shared/data'));
export const dataFile = (name: string): string => join(DATA_FOLDER, name);
export const hasData = (name: string): boolean => existsSync(dataFile(name));

/** CDNOW purchases, one event per line. */
export const loadCdnow = (events: Events): Promise<void> =>
  events.run(sql`
    INSERT INTO events (message_id, actor_id, name, occurred_at, received_at, day, amount_cents, currency, items, properties, source)
    SELECT concat('cdnow-', toString(rowNumberInAllBlocks())), customer_id, 'Order Completed', date, date, date, round(usd * 100), 'USD', cds, '{}', 'file'
    FROM file(${p.text(dataFile('cdnow_master.csv'))}, 'CSVWithNames', 'customer_id String, date Date, cds UInt32, usd Float64')`);

/** Online Retail after the usual cleaning (a customer, quantity > 0, price > 0, no "C" invoice), one event per invoice and day. */
export const loadOnlineRetail = (events: Events): Promise<void> =>
  events.run(sql`
    INSERT INTO events (message_id, actor_id, name, occurred_at, received_at, day, amount_cents, currency, lines, items, order_id, properties, source)
    SELECT concat('retail-', InvoiceNo, '-', customer), customer, 'Order Completed', min(at), min(at), min(toDate(at)), sum(round(Quantity * UnitPrice * 100)),
      'GBP', count(), sum(Quantity), InvoiceNo, '{}', 'file'
    FROM (SELECT *, replaceRegexpOne(CustomerID, '\\.0$', '') AS customer, parseDateTimeBestEffort(InvoiceDate) AS at
      FROM file(${p.text(dataFile('online_retail_1.csv.gz'))}, 'CSVWithNames',
        'InvoiceNo String, StockCode String, Description String, Quantity Int32, InvoiceDate String, UnitPrice Float64, CustomerID String, Country String'))
    WHERE customer != '' AND Quantity > 0 AND UnitPrice > 0 AND NOT startsWith(InvoiceNo, 'C')
    GROUP BY InvoiceNo, customer`);
