// The code is made by the build from contracts/activity-notification.schema.json.
export interface SchemaError {
  instancePath: string;
  message?: string;
}
export function validate(value: unknown): boolean;
export namespace validate {
  let errors: SchemaError[] | null | undefined;
}
