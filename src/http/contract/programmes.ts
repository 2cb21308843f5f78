// Programmes as the console lists them.
export type ProgrammeState = 'draft' | 'running' | 'paused' | 'ended';

export type ProgrammeLine = {
  readonly programmeId: string;
  readonly name: string;
  readonly state: string;
  readonly createdAt: string;
};

export type ProgrammeOperations = {
  'GET /programmes': { readonly answer: { readonly programmes: readonly ProgrammeLine[] } };
};
