import pulumi
import pulumi_aws as aws, pulumi_kubernetes as k8s
p = aws.Provider("aws", region="us-east-1", default_tags={"tags": {"owner": "me"}})
o = pulumi.ResourceOptions(provider=p)
b = aws.s3.Bucket("data", force_destroy=True, tags={"a": "b"}, opts=o)
kp = k8s.Provider("k", kubeconfig=b.arn.apply(lambda a: "{}"))
ko = pulumi.ResourceOptions(provider=kp)
ns = k8s.core.v1.Namespace("ml", metadata={"name":"ml"}, opts=ko)
kns = k8s.core.v1.Namespace("karpenter", metadata={"name":"karpenter"}, opts=ko)
r = k8s.helm.v3.Release("karpenter-crd", name="karpenter-crd", chart="oci://public.ecr.aws/karpenter/karpenter-crd", version="1.2.3", namespace="karpenter", opts=pulumi.ResourceOptions(provider=kp, depends_on=[kns]))
np_ = k8s.apiextensions.CustomResource("gpu", api_version="karpenter.sh/v1", kind="NodePool", metadata={"name":"gpu"}, spec={
 "template":{"metadata":{"labels":{"pool":"gpu"}},"spec":{"taints":[{"key":"nvidia.com/gpu","value":"true","effect":"NoSchedule"}],
  "requirements":[{"key":"node.kubernetes.io/instance-type","operator":"In","values":["g5.xlarge","g5.12xlarge"]},{"key":"topology.kubernetes.io/zone","operator":"In","values":["us-east-1a","us-east-1b"]}]}},
 "limits":{"nvidia.com/gpu":"8"}, "disruption":{"consolidateAfter":"5s"}}, opts=pulumi.ResourceOptions(provider=kp, depends_on=[r]))
k8s.apps.v1.Deployment("d", metadata={"name":"d","namespace":"ml"}, spec={"replicas":2,"selector":{"match_labels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{
 "tolerations":[{"key":"nvidia.com/gpu","operator":"Exists"}],
 "containers":[{"name":"c","image":"x:1","resources":{"limits":{"nvidia.com/gpu":"1"}}}]}}}, opts=pulumi.ResourceOptions(provider=kp, depends_on=[ns, np_]))
