package org.nautile.models;
public final class MnistMlp implements Model { @picocli.CommandLine.Option(names="--classes",description="Digits. Default: 10.") int classes=10;
 public String name(){return "mnist-mlp";} public String part(){return "I Foundations";} public String summary(){return "s";} public long parameters(){return 52650;} public Defaults defaults(){return new Defaults(12,64,0.01);} public void train(Run r){ r.describe("generated",52650); } }
