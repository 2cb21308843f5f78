// Reading and changing through TanStack Query: one key per operation and what it was given, so that a change can name what it makes stale.
import {
  QueryClient,
  type QueryFunctionContext,
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import type { OperationName } from '../../../src/http/contract/operations.ts';
import {
  callApi,
  callVersioned,
  type Answer,
  type CallOptions,
  type Given,
  type GivenArguments,
  type Versioned,
} from './client.ts';
import { ApiProblem } from './problem.ts';

const RETRIES = 2;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // A refusal stays a refusal; only what broke on the way is tried again.
      retry: (failures, error) => failures < RETRIES && error instanceof ApiProblem && error.code === 'offline',
      refetchOnWindowFocus: true,
    },
  },
});

type ReadOptions = {
  readonly enabled?: boolean;
  readonly refetchEveryMs?: number;
  /** Never changes while the server runs. */
  readonly isSettled?: boolean;
  /** Shows the rows of the page before while the next one is on its way. */
  readonly keepPrevious?: boolean;
};

const keyOf = (operation: OperationName, given: unknown): readonly unknown[] => [operation, given ?? {}];

const optionsOf = <T>(options: ReadOptions | undefined) => ({
  enabled: options?.enabled ?? true,
  ...(options?.isSettled === true ? { staleTime: Infinity } : {}),
  ...(options?.refetchEveryMs === undefined ? {} : { refetchInterval: options.refetchEveryMs }),
  ...(options?.keepPrevious === true ? { placeholderData: (before: T | undefined): T | undefined => before } : {}),
});

/** Reads an operation and keeps it. `useApi('GET /policies')`, `useApi('GET /people/{personId}', { params: { personId } })`. */
export function useApi<Name extends OperationName>(
  operation: Name,
  ...[given, options]: GivenArguments<Name, [options?: ReadOptions]>
): UseQueryResult<Answer<Name>, ApiProblem> {
  const call = callApi as (name: Name, given: unknown, options: CallOptions) => Promise<Answer<Name>>;
  return useQuery<Answer<Name>, ApiProblem, Answer<Name>>({
    queryKey: keyOf(operation, given),
    queryFn: ({ signal }: QueryFunctionContext) => call(operation, given, { signal }),
    ...optionsOf<Answer<Name>>(options),
  } as never) as UseQueryResult<Answer<Name>, ApiProblem>;
}

/** The same, with the version (`ETag`) of what was read. */
export function useVersioned<Name extends OperationName>(
  operation: Name,
  ...[given, options]: GivenArguments<Name, [options?: ReadOptions]>
): UseQueryResult<Versioned<Answer<Name>>, ApiProblem> {
  const call = callVersioned as (name: Name, given: unknown, options: CallOptions) => Promise<Versioned<Answer<Name>>>;
  return useQuery<Versioned<Answer<Name>>, ApiProblem, Versioned<Answer<Name>>>({
    queryKey: [...keyOf(operation, given), 'versioned'],
    queryFn: ({ signal }: QueryFunctionContext) => call(operation, given, { signal }),
    ...optionsOf<Versioned<Answer<Name>>>(options),
  } as never) as UseQueryResult<Versioned<Answer<Name>>, ApiProblem>;
}

type Act<Name extends OperationName> = Given<Name> & { readonly ifMatch?: string };

/** Changes something. `makesStale` names the operations whose answers are asked for again afterwards. */
export function useAct<Name extends OperationName>(
  operation: Name,
  makesStale: readonly OperationName[] = [],
): UseMutationResult<Answer<Name>, ApiProblem, Act<Name>> {
  const client = useQueryClient();
  const call = callApi as (name: Name, given: unknown, options: CallOptions) => Promise<Answer<Name>>;
  return useMutation<Answer<Name>, ApiProblem, Act<Name>>({
    mutationFn: ({ ifMatch, ...given }) => call(operation, given, ifMatch === undefined ? {} : { ifMatch }),
    onSuccess: async () => {
      await Promise.all(makesStale.map((name) => client.invalidateQueries({ queryKey: [name] })));
    },
  });
}
