// This installation's own pair of keys for web push: made once, because every subscription is bound to the public one.
import webPush from 'web-push';
import { z } from 'zod';
import type { RecordsDb } from '../../../stores/records/records.ts';
import { settingOr } from '../../../stores/records/settings.ts';
import type { VapidKeys } from './web-push-channel.ts';

export const vapidKeys = async (db: RecordsDb): Promise<VapidKeys> =>
  z
    .strictObject({ publicKey: z.string().length(87), privateKey: z.string().length(43) })
    .parse(await settingOr(db, 'vapid', () => webPush.generateVAPIDKeys()));
