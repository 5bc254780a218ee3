/**
 * Inputs of Kubernetes' tests that the file of cases leaves out, because they stand in the tests' code in a form that was not read out of it: read there,
 * in pkg/controller/podautoscaler of CentaurusInfra/arktos. They are inputs and nothing else; without them a case would ask something other than its test does.
 */

/** In the words of the file, and two for what the test makes fail. */
export interface Completed {
  readonly metric?: { readonly type: string };
  readonly metricTypes?: readonly { readonly type: string }[];
  readonly metricTargetsMilli?: readonly (readonly [string, string])[];
  readonly podDeleting?: readonly string[];
  readonly podNames?: readonly string[];
  readonly recommendations?: readonly (readonly [string, string, string])[];
  readonly reportedCPURequests?: readonly string[];
  readonly reportedLevels?: readonly number[];
  /** What cannot be read: the number of replicas, or the metrics of a type. */
  readonly unreadable?: 'replicas' | 'External';
  /** The new number of replicas cannot be written. */
  readonly updateFails?: true;
}

const ofObject: Completed = { metric: { type: 'objectMetric' } };
const average = (target: string): Completed => ({ metricTargetsMilli: [['AverageValue', target]] });
const whole = (target: string): Completed => ({ metricTargetsMilli: [['Value', target]] });
const stranger: Completed = { metricTypes: [{ type: 'CheddarCheese' }] };
const [no, yes] = ['false', 'true'];

export const COMPLETED: Readonly<Record<string, Completed>> = {
  TestReplicaCalcDisjointResourcesMetrics: { podNames: ['an-older-pod-name'] },
  // The file has podMetric where the code says nothing, which is objectMetric.
  TestReplicaCalcScaleUpCMObject: ofObject,
  TestReplicaCalcScaleUpCMObjectIgnoresUnreadyPods: ofObject,
  TestReplicaCalcScaleDownCMObject: ofObject,
  TestReplicaCalcToleranceCMObject: ofObject,
  TestScaleUpIgnoresDeletionPods: { podDeleting: [no, no, yes, yes] },
  TestScaleDownIgnoresDeletionPods: { podDeleting: [no, no, no, no, no, yes, yes] },
  TestScaleUpCM: average('15000'),
  TestScaleUpCMUnreadyAndHotCpuNoLessScale: average('15000'),
  TestScaleUpCMUnreadyandCpuHot: average('15000'),
  TestScaleUpHotCpuNoScaleWouldScaleDown: average('15000'),
  TestScaleUpCMObject: whole('15000'),
  TestScaleUpPerPodCMObject: average('10000'),
  TestScaleDownCM: average('20000'),
  TestScaleDownCMObject: whole('20000'),
  TestScaleDownPerPodCMObject: average('20000'),
  TestToleranceCM: average('20000'),
  TestToleranceCMObject: whole('20000'),
  TestNoBackoffUpscaleCM: average('15000'),
  TestNoBackoffUpscaleCMNoBackoffCpu: average('15000'),
  // An autoscaler that it has not seen before counts as having recommended the size that it has.
  TestScaleDownStabilizeInitialSize: { recommendations: [['5', '0', 'Minute']] },
  TestEmptyCPURequest: { reportedCPURequests: [] },
  TestConditionFailedGetMetrics: { reportedLevels: [] },
  TestConditionInvalidSourceType: stranger,
  TestNoScaleDownOneMetricInvalid: stranger,
  TestConditionFailedGetScale: { unreadable: 'replicas' },
  TestConditionFailedUpdateScale: { updateFails: true },
  TestScaleUpOneMetricEmpty: { unreadable: 'External' },
  TestNoScaleDownOneMetricEmpty: { unreadable: 'External' },
};

/** Cases that have no place here, each with the reason. */
export const EXCUSED: Readonly<Record<string, string>> = {
  TestReplicaCalcComputedToleranceAlgImplementation:
    'its inputs and answers are worked out by the code of the test, and neither is in the file',
  TestConditionInvalidSelectorMissing: 'a scaled thing without a selector of pods: our elements are named, not selected',
  TestConditionInvalidSelectorUnparsable: 'a selector of pods that cannot be read: our elements are named, not selected',
};
