/**
 * Calls of the Kubernetes API with the official client's configuration, authentication and transport. It is loaded at the first call: it brings the
 * types of the whole API, which nobody shall wait for who has no cluster.
 */
import { resolve } from 'node:path';
import type { HttpMethod, KubeConfig } from '@kubernetes/client-node';
import { HomeostatError, messageOf } from '../../errors.ts';
import type { ActuatorContext, Result } from './actuator.ts';
import { mayPass, retryAfterMs } from './http-answers.ts';
import { apiVersionOf, type KubernetesOptions, kindOf } from './kubernetes-options.ts';
import { FinalFailure } from './results.ts';

type Client = typeof import('@kubernetes/client-node');

/** The part of any object that is used here. */
export interface ApiObject {
  readonly metadata: {
    readonly name: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface ApiCall {
  readonly method: 'GET' | 'PATCH';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly contentType?: string;
  readonly body?: unknown;
  readonly signal: AbortSignal;
}

/** An answer that refuses, with the words of the API server. */
export class ApiRefusal extends HomeostatError {
  readonly status: number;
  readonly result: Result;

  constructor(what: string, status: number, message: string, pauseMs: number | undefined) {
    super('H402', `${what}: status ${status}: ${message}`);
    this.status = status;
    // A conflict is of this moment: whoever came in between has been.
    const retryable = status === 409 || mayPass(status);
    this.result = {
      status: 'failed',
      detail: this.message,
      retryable,
      ...(retryable && pauseMs !== undefined && { retryAfterMs: pauseMs }),
    };
  }

  override get retryable(): boolean {
    return this.result.retryable === true;
  }
}

const NO_CLUSTER = 'http://localhost:8080';

export class Cluster {
  readonly #options: KubernetesOptions;
  readonly #context: ActuatorContext;
  #loaded: Promise<{ readonly client: Client; readonly config: KubeConfig }> | undefined;
  #resource: { readonly plural: string; readonly namespaced: boolean } | undefined;

  constructor(options: KubernetesOptions, context: ActuatorContext) {
    this.#options = options;
    this.#context = context;
  }

  /** The path of the resource with this name. @throws FinalFailure if the cluster has no such kind. */
  async pathOf(name: string, namespace: string | undefined, signal: AbortSignal): Promise<string> {
    const version = apiVersionOf(this.#options);
    const root = version.includes('/') ? `/apis/${version}` : `/api/${version}`;
    this.#resource ??= await this.#discover(root, version, signal);
    const { plural, namespaced } = this.#resource;
    const { config } = await this.#load();
    const space = namespace ?? config.getContextObject(config.currentContext)?.namespace ?? 'default';
    return `${root}${namespaced ? `/namespaces/${encodeURIComponent(space)}` : ''}/${plural}/${encodeURIComponent(name)}`;
  }

  /** The answer as JSON. @throws ApiRefusal for a status that is not 2xx; what the transport throws where there is no answer. */
  async call<T>({ method, path, query, contentType, body, signal }: ApiCall): Promise<T> {
    const { client, config } = await this.#load();
    const server = config.getCurrentCluster()!.server.replace(/\/+$/, '');
    const request = new client.RequestContext(`${server}${path}`, method as HttpMethod);
    for (const [name, value] of Object.entries(query ?? {})) request.setQueryParam(name, value);
    request.setHeaderParam('Accept', 'application/json');
    if (body !== undefined) {
      request.setHeaderParam('Content-Type', contentType ?? 'application/json');
      request.setBody(JSON.stringify(body));
    }
    await config.applySecurityAuthentication(request).catch((cause) => {
      throw new HomeostatError('H402', `the cluster cannot be called as its kubeconfig says: ${messageOf(cause)}`, { cause });
    });
    signal.throwIfAborted();
    request.setSignal(signal);
    const answer = await new client.IsomorphicFetchHttpLibrary().send(request).toPromise();
    const text = await answer.body.text();
    if (answer.httpStatusCode >= 200 && answer.httpStatusCode < 300) return parsed(text) as T;
    const said = parsed(text) as { message?: string } | undefined;
    const pause = retryAfterMs(answer, this.#context.clock.wall());
    throw new ApiRefusal(`${method} ${path}`, answer.httpStatusCode, said?.message ?? text.slice(0, 500), pause);
  }

  async #discover(root: string, version: string, signal: AbortSignal) {
    const kind = kindOf(this.#options);
    const list = await this.call<{ resources: { name: string; kind: string; namespaced: boolean }[] }>({
      method: 'GET',
      path: root,
      signal,
    });
    const found = list.resources.find((one) => one.kind === kind && !one.name.includes('/'));
    if (!found) throw new FinalFailure(`the cluster has no kind ${kind} in ${version}`);
    return { plural: found.name, namespaced: found.namespaced };
  }

  /** A configuration that cannot be read is read again by the next call. */
  #load() {
    this.#loaded ??= this.#read().catch((thrown) => {
      this.#loaded = undefined;
      throw thrown;
    });
    return this.#loaded;
  }

  async #read(): Promise<{ client: Client; config: KubeConfig }> {
    const { kubeconfig, context } = this.#options;
    const client = await import('@kubernetes/client-node');
    const config = new client.KubeConfig();
    try {
      if (kubeconfig === undefined) config.loadFromDefault();
      else config.loadFromFile(resolve(this.#context.directory, kubeconfig));
    } catch (thrown) {
      throw new HomeostatError('H402', `the kubeconfig ${kubeconfig ?? ''} cannot be read: ${messageOf(thrown)}`, { cause: thrown });
    }
    if (context !== undefined) config.setCurrentContext(context);
    const cluster = config.getCurrentCluster();
    if (!cluster) {
      const known = (config.getContexts() ?? []).map(({ name }) => name).join(', ');
      throw new FinalFailure(`the kubeconfig has no context "${config.currentContext}" with a cluster; known: ${known}`);
    }
    if (cluster.server === NO_CLUSTER && kubeconfig === undefined)
      throw new HomeostatError('H402', 'there is no kubeconfig and no service account: name the file under "kubeconfig", or run in a pod');
    return { client, config };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
