import { z } from 'zod';

const JOB_SCHEMA = new URL('../real/node_modules/kubernetes-models/batch/v1/index.js', import.meta.url);

/**
 * What Kubernetes' whole schema of a batch/v1 Job says against one, null where it says nothing. It knows every field's type,
 * and neither refuses fields that are none nor holds one field against another: `KUBERNETES_JOB` does. Source: Kubernetes'
 * OpenAPI description, as npm's kubernetes-models compiles it (https://github.com/tommy351/kubernetes-models-ts).
 */
export async function refusedBySchema(job: unknown): Promise<string | null> {
  // What is in test/real is installed by the test command, after the type checker has run.
  const { Job } = await import(JOB_SCHEMA.href);
  try {
    new Job(job).validate();
    return null;
  } catch (error) {
    if (error instanceof Error && error.message.includes('data/')) return error.message;
    throw error;
  }
}

/**
 * What of a Job of Kubernetes the example uses, and nothing else: a field that is not here, or has another type, is refused
 * as `kubectl apply --validate=strict` would. Transcribed by hand from the API reference of 1.33, with the rules that its
 * field descriptions state: https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.33/ (batch/v1 Job, JobSpec,
 * PodFailurePolicyRule; core/v1 PodSpec, Container, Volume) and
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/
 */
const name = z.string().regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
const labels = z.record(z.string(), z.string());
const quantity = z.string().regex(/^\d+(\.\d+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$/);

const onExitCodes = z.strictObject({
  containerName: name.optional(),
  operator: z.enum(['In', 'NotIn']),
  values: z.array(z.int().min(0).max(255)).min(1).max(255),
});
const rule = z.strictObject({
  action: z.enum(['FailJob', 'FailIndex', 'Ignore', 'Count']),
  onExitCodes: onExitCodes.optional(),
  onPodConditions: z
    .array(z.strictObject({ type: z.string(), status: z.enum(['True', 'False', 'Unknown']) }))
    .max(20)
    .optional(),
});
const container = z.strictObject({
  name,
  image: z.string(),
  command: z.array(z.string()),
  workingDir: z.string(),
  // A number in place of a text is refused by the server.
  env: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  envFrom: z.array(z.strictObject({ secretRef: z.strictObject({ name }) })),
  resources: z.strictObject({ requests: z.record(z.string(), quantity), limits: z.record(z.string(), quantity) }),
  volumeMounts: z.array(
    z.strictObject({ name, mountPath: z.string().startsWith('/'), readOnly: z.boolean().optional() }),
  ),
});
const volume = z
  .strictObject({
    name,
    configMap: z.strictObject({ name }).optional(),
    persistentVolumeClaim: z.strictObject({ claimName: name }).optional(),
    emptyDir: z.strictObject({ sizeLimit: quantity }).optional(),
  })
  .refine((one) => Object.keys(one).length === 2, 'a volume has one source');

export const KUBERNETES_JOB = z.strictObject({
  apiVersion: z.literal('batch/v1'),
  kind: z.literal('Job'),
  metadata: z.strictObject({ name }),
  spec: z.strictObject({
    completions: z.int().min(1),
    parallelism: z.int().min(0),
    // backoffLimitPerIndex and FailIndex are of indexed Jobs alone.
    completionMode: z.literal('Indexed'),
    backoffLimitPerIndex: z.int().min(0),
    podFailurePolicy: z.strictObject({
      rules: z
        .array(
          rule.refine(
            (one) => (one.onExitCodes === undefined) !== (one.onPodConditions === undefined),
            'one requirement',
          ),
        )
        .max(20),
    }),
    template: z.strictObject({
      metadata: z.strictObject({ labels }),
      spec: z.strictObject({
        // A podFailurePolicy takes no other.
        restartPolicy: z.literal('Never'),
        terminationGracePeriodSeconds: z.int().min(0),
        topologySpreadConstraints: z.array(
          z.strictObject({
            maxSkew: z.int().min(1),
            topologyKey: z.string(),
            whenUnsatisfiable: z.enum(['DoNotSchedule', 'ScheduleAnyway']),
            labelSelector: z.strictObject({ matchLabels: labels }),
          }),
        ),
        containers: z.array(container).min(1),
        volumes: z.array(volume),
      }),
    }),
  }),
});
