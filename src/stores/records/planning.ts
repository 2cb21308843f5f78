/**
 * Put into a statement whose sets are always small: one plan then serves all of them. Otherwise PostgreSQL weighs a plan for the very values
 * against one for any, anew each time, and for a large statement the weighing is most of the work. Only the embedded store listens to it.
 */
export const FEW = '/* few */';
