import { played } from './harness.ts';
import { kubernetes } from './kubernetes.ts';

const cases = (more: object): object => ({
  replicaCalculator: [],
  horizontalController: [],
  downscaleStabilisation: [],
  convertDesiredReplicasWithRules: [],
  ...more,
});
const cpu = (
  levelsMilli: readonly number[],
  targetUtilizationPct: number,
  expectedUtilizationPct: number | null,
  requests = levelsMilli.length,
) => ({
  cpuRequestsPerContainer: Array(requests).fill('2.0'),
  levelsMilli,
  targetUtilizationPct,
  expectedUtilizationPct,
});
const to = (currentReplicas: number, expectedReplicas: number | null) => ({ currentReplicas, expectedReplicas, expectedError: null });

test('pods that are not ready, warm up, failed or are not measured count as the autoscaler counts them', async () => {
  const replicaCalculator = [
    { test: 'all', ...to(2, 4), resource: cpu([1800, 1400], 40, 80) },
    { test: 'one is not ready', ...to(2, 3), resource: cpu([1800, 2000], 40, 90), podReady: ['True', 'False'] },
    {
      test: 'one was just started',
      ...to(2, 3),
      resource: cpu([1800, 2000], 40, 90),
      podStart: ['coolCpuCreationTime()', 'hotCpuCreationTime'],
    },
    { test: 'one failed', ...to(1, 3), resource: cpu([1800, 2000], 40, 90), podPhase: ['Running', 'Failed'] },
    { test: 'one is not measured, and would have to go', ...to(2, 2), resource: cpu([400], 60, 20, 2) },
    { test: 'one is not measured, and would turn it round', ...to(2, 2), resource: cpu([1000], 40, 50, 2) },
    { test: 'nobody is measured', ...to(2, null), expectedError: 'none', resource: cpu([], 40, null, 2) },
    { test: 'near enough', ...to(2, 2), resource: cpu([860, 880], 40, 43) },
  ];
  expect(await played(kubernetes, cases({ replicaCalculator }))).toEqual(['Kubernetes 8 of 8']);
});

test('bounds, the way down that waits, and metrics of which one is not known', async () => {
  const app = { minReplicas: 2, maxReplicas: 9, initialReplicas: 4, CPUTarget: 50, reportedCPURequests: ['1.0', '1.0', '1.0', '1.0'] };
  const horizontalController = [
    { test: 'down', ...app, reportedLevels: [200, 200, 200, 200], expectedDesiredReplicas: 2 },
    { test: 'waits', ...app, reportedLevels: [200, 200, 200, 200], recommendations: [['3', '-2', 'Minute']], expectedDesiredReplicas: 3 },
    { test: 'up to the most', ...app, reportedLevels: [2000, 2000, 2000, 2000], expectedDesiredReplicas: 9 },
    { test: 'too many', ...app, initialReplicas: 12, reportedLevels: [], expectedDesiredReplicas: 9 },
    {
      test: 'nobody knows the other',
      ...app,
      reportedLevels: [200, 200, 200, 200],
      metricTypes: [{ type: 'Moon' }],
      expectedDesiredReplicas: 4,
    },
  ];
  const convertDesiredReplicasWithRules = [{ current: 6, desired: 99, min: 1, max: 50, expected: 12, condition: 'ScaleUpLimit' }];
  expect(await played(kubernetes, cases({ horizontalController, convertDesiredReplicasWithRules }))).toEqual(['Kubernetes 6 of 6']);
});

test('what comes out otherwise is told, and what a test of theirs leaves out is said', async () => {
  const replicaCalculator = [{ test: 'all', ...to(2, 5), resource: cpu([1800, 1400], 40, 81) }];
  const downscaleStabilisation = [{ name: 'none', windowSeconds: 300, recommendations: [], proposed: 7, expectedStabilized: 8 }];
  const horizontalController = [
    {
      test: 'TestConditionFailedUpdateScale',
      minReplicas: 1,
      maxReplicas: 5,
      initialReplicas: 3,
      CPUTarget: 100,
      reportedLevels: [400, 400, 400],
      reportedCPURequests: ['0.2', '0.2', '0.2'],
      expectedDesiredReplicas: 3,
    },
  ];
  expect(await played(kubernetes, cases({ replicaCalculator, downscaleStabilisation, horizontalController }))).toEqual([
    'Kubernetes 1 of 3',
    'FAILED   all: replicas 4; expected 5',
    'FAILED   all: usage 80; expected 81',
    'note     TestConditionFailedUpdateScale: with what the file leaves out: {"updateFails":true}',
    'note     downscaleStabilisation: none: the length of its log is not compared: ours keeps changes',
    'FAILED   downscaleStabilisation: none: replicas 7; expected 8',
  ]);
});
