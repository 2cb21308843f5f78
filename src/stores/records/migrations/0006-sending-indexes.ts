// Indexes for claiming sets of messages and for counting the pressure on a person.
export const SENDING_INDEXES = `
-- The whole order of claiming, so that a campaign whose messages are all due at one moment is not sorted for every set.
DROP INDEX messages_due;
CREATE INDEX messages_due ON messages (channel, due_at, (-priority), message_id) WHERE state = 'planned';
-- Partial indexes on the states of sent messages looked empty to a planner whose statistics are from before the send, and it read them whole.
-- The pressure on a person or an address is found by her key alone: a few dozen rows.
DROP INDEX messages_pressure;
DROP INDEX messages_pressure_address;
CREATE INDEX messages_address ON messages (address_key);
`;
